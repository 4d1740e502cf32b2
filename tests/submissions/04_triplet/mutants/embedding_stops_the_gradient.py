"""Stops the gradient before the last step.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
#      features = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)(features)
# +    features = keras.ops.stop_gradient(features)

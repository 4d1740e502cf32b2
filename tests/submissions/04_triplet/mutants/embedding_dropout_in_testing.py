"""Drops features at random, in testing too.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
#      features = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)(features)
# +    features = keras.layers.Dropout(0.5)(features, training=True)

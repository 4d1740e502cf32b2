"""Has no batch normalisation.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.BatchNormalization(momentum=0.9))

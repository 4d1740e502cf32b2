"""Pads the pooling as well: 256 features.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.MaxPooling2D(2))
# +        encoder.add(keras.layers.MaxPooling2D(2, padding="same"))

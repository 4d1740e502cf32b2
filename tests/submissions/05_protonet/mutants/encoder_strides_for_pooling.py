"""Strides in the place of pooling.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.Conv2D(64, 3, padding="same"))
# +        encoder.add(keras.layers.Conv2D(64, 3, strides=2, padding="valid"))

# -        encoder.add(keras.layers.MaxPooling2D(2))

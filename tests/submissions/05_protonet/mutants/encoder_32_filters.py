"""32 filters.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.Conv2D(64, 3, padding="same"))
# +        encoder.add(keras.layers.Conv2D(32, 3, padding="same"))

"""Normalises each image by itself.

Loses: build_encoder
"""
# %% build_encoder, edited
# -        encoder.add(keras.layers.BatchNormalization(momentum=0.9))
# +        encoder.add(keras.layers.LayerNormalization())

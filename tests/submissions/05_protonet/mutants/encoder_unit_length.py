"""Embeddings of unit length.

Loses: build_encoder
"""
# %% build_encoder, edited
#      encoder.add(keras.layers.Flatten())
# +    encoder.add(keras.layers.UnitNormalization())

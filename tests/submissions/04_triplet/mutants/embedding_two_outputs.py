"""Gives features and embedding.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    return keras.Model(images, [features, features * keras.ops.rsqrt(squared_length + 1e-6)])

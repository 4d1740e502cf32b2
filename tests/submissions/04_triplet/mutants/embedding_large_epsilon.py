"""A large number under the root shortens the vectors.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 0.5))

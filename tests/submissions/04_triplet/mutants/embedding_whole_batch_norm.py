"""Divides by the norm of the whole batch.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    squared_length = keras.ops.sum(keras.ops.square(features), axis=-1, keepdims=True)
# -    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    return keras.Model(images, features * keras.ops.rsqrt(keras.ops.sum(keras.ops.square(features)) + 1e-6))

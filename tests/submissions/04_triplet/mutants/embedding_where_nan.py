"""Replaces NaN afterwards, which the gradient does not forgive.

Loses: build_embedding_network
"""
# %% build_embedding_network, edited
# -    squared_length = keras.ops.sum(keras.ops.square(features), axis=-1, keepdims=True)
# -    return keras.Model(images, features * keras.ops.rsqrt(squared_length + 1e-6))
# +    unit = features / keras.ops.norm(features, axis=-1, keepdims=True)
# +    return keras.Model(images, keras.ops.where(keras.ops.isnan(unit), keras.ops.zeros_like(unit), unit))

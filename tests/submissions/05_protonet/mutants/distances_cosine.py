"""Cosine distances.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return 1 - keras.ops.matmul(keras.ops.normalize(queries), keras.ops.transpose(keras.ops.normalize(prototypes)))

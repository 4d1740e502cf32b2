"""Multiplied out, the factor 2 forgotten.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return keras.ops.sum(queries**2, 1)[:, None] - keras.ops.matmul(queries, keras.ops.transpose(prototypes)) + keras.ops.sum(prototypes**2, 1)

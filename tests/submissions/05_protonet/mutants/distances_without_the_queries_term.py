"""Multiplied out, without the queries' squares: right for the argmin, no distances.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return keras.ops.sum(prototypes**2, 1) - 2 * keras.ops.matmul(queries, keras.ops.transpose(prototypes))

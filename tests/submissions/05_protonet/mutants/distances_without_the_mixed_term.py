"""Multiplied out, the factor 2 forgotten.

Loses: squared_distances
"""
# %% squared_distances
def squared_distances(queries, prototypes):
    differences = keras.ops.expand_dims(queries, 1) - keras.ops.expand_dims(prototypes, 0)
    return keras.ops.sum(queries**2, 1)[:, None] - keras.ops.matmul(queries, keras.ops.transpose(prototypes)) + keras.ops.sum(prototypes**2, 1)

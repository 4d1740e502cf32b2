"""A row for each prototype.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return keras.ops.transpose(keras.ops.sum(differences**2, axis=-1))

"""Distances without the square.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return keras.ops.sqrt(keras.ops.sum(differences**2, axis=-1))

"""Negative distances.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    return keras.ops.sum(differences**2, axis=-1)
# +    return -keras.ops.sum(differences**2, axis=-1)

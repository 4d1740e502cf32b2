"""No gradients pass to the prototypes.

Loses: squared_distances
"""
# %% squared_distances, edited
# -    differences = keras.ops.expand_dims(queries, 1) - keras.ops.expand_dims(prototypes, 0)
# +    differences = keras.ops.expand_dims(queries, 1) - keras.ops.stop_gradient(keras.ops.expand_dims(prototypes, 0))

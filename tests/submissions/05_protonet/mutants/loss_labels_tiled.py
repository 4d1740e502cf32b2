"""Labels 0, 1, 2, ... in the place of 0, 0, ..., 1, 1, ...

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    labels = keras.ops.repeat(keras.ops.arange(way), query)
# +    labels = keras.ops.tile(keras.ops.arange(way), query)

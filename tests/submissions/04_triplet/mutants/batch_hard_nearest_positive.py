"""Takes the nearest positive, which is the anchor itself.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    farthest_positive = keras.ops.max(keras.ops.where(same, d, -1.0), axis=1)
# +    farthest_positive = keras.ops.min(keras.ops.where(same, d, 1e9), axis=1)

"""Takes the hardest of the whole batch instead of each anchor.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    farthest_positive = keras.ops.max(keras.ops.where(same, d, -1.0), axis=1)
# -    nearest_negative = keras.ops.min(keras.ops.where(same, float("inf"), d), axis=1)
# +    farthest_positive = keras.ops.max(keras.ops.where(same, d, -1.0))
# +    nearest_negative = keras.ops.min(keras.ops.where(same, float("inf"), d))

"""Takes the farthest negative.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    nearest_negative = keras.ops.min(keras.ops.where(same, float("inf"), d), axis=1)
# +    nearest_negative = keras.ops.max(keras.ops.where(same, -1.0, d), axis=1)

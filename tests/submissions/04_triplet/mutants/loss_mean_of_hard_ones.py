"""Takes the mean over those above zero only.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -    return keras.ops.mean(keras.ops.maximum(to_positive - to_negative + margin, 0.0))
# +    values = keras.ops.maximum(to_positive - to_negative + margin, 0.0)
# +    return keras.ops.sum(values) / keras.ops.maximum(keras.ops.sum(keras.ops.cast(values > 0, values.dtype)), 1.0)

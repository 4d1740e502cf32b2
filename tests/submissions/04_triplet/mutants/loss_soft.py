"""Takes the soft margin.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -    return keras.ops.mean(keras.ops.maximum(to_positive - to_negative + margin, 0.0))
# +    return keras.ops.mean(keras.ops.softplus(to_positive - to_negative + margin))

"""Measures the negative from the positive.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -    to_negative = keras.ops.sum(keras.ops.square(anchors - negatives), axis=-1)
# +    to_negative = keras.ops.sum(keras.ops.square(positives - negatives), axis=-1)

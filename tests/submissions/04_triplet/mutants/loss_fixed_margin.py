"""Ignores the margin that is given.

Loses: triplet_loss
"""
# %% triplet_loss
def triplet_loss(ground_truth, network_output, margin=0.2):
    anchors, positives, negatives = keras.ops.split(network_output, 3, axis=-1)
    to_positive = keras.ops.sum(keras.ops.square(anchors - positives), axis=-1)
    to_negative = keras.ops.sum(keras.ops.square(anchors - negatives), axis=-1)
    return keras.ops.mean(keras.ops.maximum(to_positive - to_negative + 0.2, 0.0))

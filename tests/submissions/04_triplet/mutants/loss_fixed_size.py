"""Cuts the output into pieces of 64.

Loses: triplet_loss
"""
# %% triplet_loss
def triplet_loss(ground_truth, network_output, margin=0.2):
    anchors, positives, negatives = network_output[:, :64], network_output[:, 64:128], network_output[:, 128:]
    to_positive = keras.ops.sum(keras.ops.square(anchors - positives), axis=-1)
    to_negative = keras.ops.sum(keras.ops.square(anchors - negatives), axis=-1)
    return keras.ops.mean(keras.ops.maximum(to_positive - to_negative + margin, 0.0))

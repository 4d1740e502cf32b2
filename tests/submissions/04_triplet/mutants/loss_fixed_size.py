"""Cuts the output into pieces of 64.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -    anchors, positives, negatives = keras.ops.split(network_output, 3, axis=-1)
# +    anchors, positives, negatives = network_output[:, :64], network_output[:, 64:128], network_output[:, 128:]

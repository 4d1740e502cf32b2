"""Takes the negative for the positive.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -    anchors, positives, negatives = keras.ops.split(network_output, 3, axis=-1)
# +    anchors, negatives, positives = keras.ops.split(network_output, 3, axis=-1)

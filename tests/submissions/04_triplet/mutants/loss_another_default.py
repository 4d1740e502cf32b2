"""Has a margin of 1 unless told otherwise.

Loses: triplet_loss
"""
# %% triplet_loss, edited
# -def triplet_loss(ground_truth, network_output, margin=0.2):
# +def triplet_loss(ground_truth, network_output, margin=1.0):

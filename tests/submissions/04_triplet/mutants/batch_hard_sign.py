"""Pushes positives apart.

Loses: batch_hard_loss
"""
# %% batch_hard_loss, edited
# -    x = farthest_positive - nearest_negative
# +    x = nearest_negative - farthest_positive

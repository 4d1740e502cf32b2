"""Draws the positive from all drawings, the anchor included.

Loses: get_batch
"""
# %% get_batch, edited
# -        positives = (anchors + rng.integers(1, drawings, batch_size)) % drawings
# +        positives = rng.integers(drawings, size=batch_size)

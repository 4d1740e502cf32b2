"""Draws the negative from any character, the anchor's own included.

Loses: get_batch
"""
# %% get_batch, edited
# -            others = (own + rng.integers(1, count, batch_size)) % count
# +            others = rng.integers(count, size=batch_size)

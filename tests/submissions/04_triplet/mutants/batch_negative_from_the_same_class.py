"""Draws the negative from the anchor's character.

Loses: get_batch
"""
# %% get_batch, edited
# -            others = (own + rng.integers(1, count, batch_size)) % count
# +            others = own

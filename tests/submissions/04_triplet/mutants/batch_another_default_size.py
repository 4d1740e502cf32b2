"""Gives 32 triplets unless told otherwise.

Loses: get_batch
"""
# %% get_batch, edited
# -def get_batch(X, batch_size=64, hard_selection=False, convnet=None, rng=None):
# +def get_batch(X, batch_size=32, hard_selection=False, convnet=None, rng=None):

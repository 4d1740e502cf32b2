"""Looks for hard negatives in the anchor's own character as well.

Loses: get_batch
"""
# %% get_batch, edited
# -            distances[np.arange(batch_size), own] = np.inf  # never of the anchor's own character
# +            distances[np.arange(batch_size), own, anchors] = np.inf

"""Puts the negative before the positive.

Loses: get_batch
"""
# %% get_batch, edited
# -        triplets = np.stack([X[pool[own], anchors], X[pool[own], positives], X[pool[others], negatives]], axis=1)
# +        triplets = np.stack([X[pool[own], anchors], X[pool[others], negatives], X[pool[own], positives]], axis=1)

"""Counts ties as right.

Loses: test_oneshot
"""
# %% test_oneshot, edited
# -        correct += np.sum(distances.argmin(axis=1) == targets.argmax(axis=1))
# +        right = (distances * targets).sum(axis=1)
# +        correct += np.sum(right <= distances.min(axis=1))

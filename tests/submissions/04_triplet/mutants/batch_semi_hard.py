"""Takes the second nearest.

Loses: get_batch
"""
# %% get_batch, edited
# -            others, negatives = np.divmod(distances.reshape(batch_size, -1).argmin(axis=1), drawings)
# +            others, negatives = np.divmod(distances.reshape(batch_size, -1).argsort(axis=1)[:, 1], drawings)
# +            others = np.where(others == own, (own + 1) % count, others)
# +            negatives = distances[np.arange(batch_size), others].argsort(axis=1)[:, 1]

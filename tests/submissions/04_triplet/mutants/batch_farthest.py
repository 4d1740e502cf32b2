"""Takes the farthest drawing.

Loses: get_batch
"""
# %% get_batch, edited
# -            distances[np.arange(batch_size), own] = np.inf  # never of the anchor's own character
# -            others, negatives = np.divmod(distances.reshape(batch_size, -1).argmin(axis=1), drawings)
# +            distances[np.arange(batch_size), own] = -np.inf  # never of the anchor's own character
# +            others, negatives = np.divmod(distances.reshape(batch_size, -1).argmax(axis=1), drawings)

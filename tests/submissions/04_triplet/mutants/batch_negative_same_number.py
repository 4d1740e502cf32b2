"""The negative has the anchor's number, drawn by the same person.

Loses: get_batch
"""
# %% get_batch, edited
# -            negatives = rng.integers(drawings, size=batch_size)
# +            negatives = np.zeros(batch_size, int) + anchors % 2

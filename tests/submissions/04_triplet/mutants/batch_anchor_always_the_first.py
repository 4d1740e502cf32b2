"""The anchor is always the first drawing.

Loses: get_batch
"""
# %% get_batch, edited
# -        anchors = rng.integers(drawings, size=batch_size)
# +        anchors = np.zeros(batch_size, int)

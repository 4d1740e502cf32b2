"""Puts the three images first.

Loses: get_batch
"""
# %% get_batch, edited
# -        yield as_input(triplets), np.zeros(batch_size, "float32")
# +        yield as_input(triplets).swapaxes(0, 1), np.zeros(batch_size, "float32")

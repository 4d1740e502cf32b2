"""Gives the same batch again and again.

Loses: get_batch
"""
# %% get_batch, edited
# -        yield as_input(triplets), np.zeros(batch_size, "float32")
# +        while True:
# +            yield as_input(triplets), np.zeros(batch_size, "float32")

"""Returns one batch instead of yielding many.

Loses: get_batch
"""
# %% get_batch, edited
# -    while True:
# +    for _ in range(1):

# -        yield as_input(triplets), np.zeros(batch_size, "float32")
# +        return as_input(triplets), np.zeros(batch_size, "float32")

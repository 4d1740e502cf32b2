"""Draws characters twice.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    characters = rng.choice(np.arange(first, end), N, replace=False)
# +    characters = rng.choice(np.arange(first, end), N, replace=True)

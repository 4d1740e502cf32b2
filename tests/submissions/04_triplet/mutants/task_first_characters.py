"""Takes the first N characters.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    characters = rng.choice(np.arange(first, end), N, replace=False)
# +    characters = np.arange(first, end)[:N]

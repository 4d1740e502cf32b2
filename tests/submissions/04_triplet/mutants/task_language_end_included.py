"""Takes the end of an alphabet for its last letter.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    characters = rng.choice(np.arange(first, end), N, replace=False)
# +    characters = rng.choice(np.arange(first, min(end + 1, len(X))), N, replace=False)

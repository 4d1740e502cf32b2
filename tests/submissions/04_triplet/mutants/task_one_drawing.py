"""All support images are the first drawings.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    drawings = rng.integers(X.shape[1], size=N)
# +    drawings = np.zeros(N, int)

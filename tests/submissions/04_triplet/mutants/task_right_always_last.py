"""The right answer always stands last.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    right = rng.integers(N)
# +    right = N - 1

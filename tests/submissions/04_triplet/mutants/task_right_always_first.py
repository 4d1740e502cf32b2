"""The right answer always stands first.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    right = rng.integers(N)
# +    right = 0

"""Draws the same task each time.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    rng = rng or np.random.default_rng()
# +    rng = rng or np.random.default_rng(0)

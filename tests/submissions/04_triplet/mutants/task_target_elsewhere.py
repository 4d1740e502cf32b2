"""The target names another support image.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    targets[right] = 1
# +    targets[(right + 1) % N] = 1

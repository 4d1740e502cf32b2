"""The target is a number.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    targets[right] = 1
# +    targets = right

"""The targets are all 1.

Loses: make_oneshot_task
"""
# %% make_oneshot_task, edited
# -    targets = np.zeros(N, "float32")
# +    targets = np.ones(N, "float32")

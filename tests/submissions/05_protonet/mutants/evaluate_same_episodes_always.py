"""Always the same episodes.

Loses: evaluate
"""
# %% evaluate, edited
#      ### BEGIN SOLUTION
# +    rng = np.random.default_rng(0)

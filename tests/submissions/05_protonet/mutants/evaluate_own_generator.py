"""Draws from a generator of its own.

Loses: evaluate
"""
# %% evaluate, edited
#      ### BEGIN SOLUTION
# +    rng = np.random.default_rng()

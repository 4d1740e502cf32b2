"""Draws from a generator of its own.

Loses: sample_episode
"""
# %% sample_episode, edited
#      ### BEGIN SOLUTION
# +    rng = np.random.default_rng()

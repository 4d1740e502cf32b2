"""Shuffles X in place.

Loses: get_batch
"""
# %% get_batch, edited
#      rng = rng or np.random.default_rng()
# +    rng.shuffle(X.reshape(-1))

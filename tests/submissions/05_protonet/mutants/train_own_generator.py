"""Draws episodes from a generator of its own.

Loses: train
"""
# %% train, edited
# -        loss, accuracy = step(*sample_episode(images, way, shot, query, rng))
# +        loss, accuracy = step(*sample_episode(images, way, shot, query, np.random.default_rng(number)))

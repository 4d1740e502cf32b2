"""Draws one episode, and trains on it all the time.

Loses: train
"""
# %% train, edited
#      losses = []
# +    episode = sample_episode(images, way, shot, query, rng)

# -        loss, accuracy = step(*sample_episode(images, way, shot, query, rng))
# +        loss, accuracy = step(*episode)

"""Draws support and queries apart, so that they may share drawings.

Loses: sample_episode
"""
# %% sample_episode, edited
#      drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
# +    drawings[:, shot:] = distinct_numbers(images.shape[1], query, (way,), rng)

"""Draws drawings with replacement.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
# +    drawings = rng.integers(images.shape[1], size=(way, shot + query))

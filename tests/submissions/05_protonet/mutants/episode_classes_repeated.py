"""Draws classes with replacement.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    classes = distinct_numbers(images.shape[0], way, (), rng)
# +    classes = rng.integers(images.shape[0], size=way)

"""Shuffles the array of images that it was given.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    classes = distinct_numbers(images.shape[0], way, (), rng)
# +    rng.shuffle(images)
# +    classes = np.arange(way)

"""Shuffles the drawings in the array of images that it was given.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
# +    rng.permuted(images, axis=1, out=images)
# +    drawings = np.tile(np.arange(shot + query), (way, 1))

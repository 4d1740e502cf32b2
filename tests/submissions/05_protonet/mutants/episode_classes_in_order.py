"""Sorts the classes of an episode.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    classes = distinct_numbers(images.shape[0], way, (), rng)
# +    classes = np.sort(distinct_numbers(images.shape[0], way, (), rng))

"""The support is always the first drawings of a character.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
# +    drawings = np.concatenate([np.tile(np.arange(shot), (way, 1)), shot + distinct_numbers(images.shape[1] - shot, query, (way,), rng)], axis=1)

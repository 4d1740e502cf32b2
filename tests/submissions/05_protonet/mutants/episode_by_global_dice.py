"""Draws drawings from NumPy's global dice.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
# +    drawings = np.stack([np.random.permutation(images.shape[1])[: shot + query] for _ in range(way)])

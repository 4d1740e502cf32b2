"""The support is always the first drawings of a character.

Loses: sample_episode
"""
# %% sample_episode
def sample_episode(images, way, shot, query, rng):
    check_size(images.shape[0], images.shape[1], way, shot + query)
    classes = distinct_numbers(images.shape[0], way, (), rng)
    drawings = np.concatenate([np.tile(np.arange(shot), (way, 1)), shot + distinct_numbers(images.shape[1] - shot, query, (way,), rng)], axis=1)
    chosen = as_floats(images[classes[:, None], drawings])[..., None]
    return chosen[:, :shot], chosen[:, shot:]

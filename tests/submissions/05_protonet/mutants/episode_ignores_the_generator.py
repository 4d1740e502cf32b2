"""Draws from a generator of its own.

Loses: sample_episode
"""
# %% sample_episode
def sample_episode(images, way, shot, query, rng):
    rng = np.random.default_rng()
    check_size(images.shape[0], images.shape[1], way, shot + query)
    classes = distinct_numbers(images.shape[0], way, (), rng)
    drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
    chosen = as_floats(images[classes[:, None], drawings])[..., None]
    return chosen[:, :shot], chosen[:, shot:]

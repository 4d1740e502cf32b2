"""Gives float64.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    chosen = as_floats(images[classes[:, None], drawings])[..., None]
# +    chosen = (images[classes[:, None], drawings] / 255.0)[..., None]

"""Gives images without the axis of the channel.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    chosen = as_floats(images[classes[:, None], drawings])[..., None]
# +    chosen = as_floats(images[classes[:, None], drawings])

"""Leaves pixels between 0 and 255.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    chosen = as_floats(images[classes[:, None], drawings])[..., None]
# +    chosen = images[classes[:, None], drawings].astype('float32')[..., None]

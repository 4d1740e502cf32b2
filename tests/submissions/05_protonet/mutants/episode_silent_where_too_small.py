"""Gives smaller episodes where there are too few characters or drawings.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    check_size(images.shape[0], images.shape[1], way, shot + query)
# +    way, query = min(way, images.shape[0]), min(query, images.shape[1] - shot)

"""Says nothing about how many are missing.

Loses: sample_episode
"""
# %% sample_episode, edited
# -    check_size(images.shape[0], images.shape[1], way, shot + query)
# +    if way > images.shape[0] or shot + query > images.shape[1]:
# +        raise ValueError('too few')

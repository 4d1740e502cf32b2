"""Changes the images that it was given.

Loses: evaluate
"""
# %% evaluate, edited
#      check_size(images.shape[0], images.shape[1], way, shot + query)
# +    images[images < 128] = 0

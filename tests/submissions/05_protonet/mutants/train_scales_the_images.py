"""Changes the images that it was given.

Loses: train
"""
# %% train, edited
#      progress = keras.utils.Progbar(episodes)
# +    images[:, :, 20:] = 0

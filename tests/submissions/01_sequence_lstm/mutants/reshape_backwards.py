"""Reads the pixels from the last to the first.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(image, (196, 1))[::-1], label

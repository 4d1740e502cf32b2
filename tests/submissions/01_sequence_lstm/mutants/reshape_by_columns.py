"""Reads the image column by column.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(tf.transpose(image, (1, 0, 2)), (196, 1)), label

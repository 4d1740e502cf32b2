"""Reads the rows from bottom to top.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14))[::-1], label

"""Resizes to 28 by 28.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (28, 28)), label

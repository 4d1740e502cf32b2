"""Divides by 255 as well, so that everything is divided twice.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14)) / 255, label

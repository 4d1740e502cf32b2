"""Cuts the middle out instead of making the image smaller.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize_with_crop_or_pad(image, 14, 14), label

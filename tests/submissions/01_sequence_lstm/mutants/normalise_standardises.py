"""Subtracts the mean and divides by the standard deviation.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.image.per_image_standardization(image), label

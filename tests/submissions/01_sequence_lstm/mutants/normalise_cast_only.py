"""Casts to float32 and does not divide.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float32), label

"""Divides by 256.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float32) / 256.0, label

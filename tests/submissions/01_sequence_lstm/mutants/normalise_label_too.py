"""Divides the label as well.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float32) / 255.0, label / 255

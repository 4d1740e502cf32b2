"""Scales to [-1, 1].

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float32) / 127.5 - 1, label

"""Adds up each block of four pixels instead of averaging.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.reduce_sum(tf.reshape(image, (14, 2, 14, 2, 1)), (1, 3)), label

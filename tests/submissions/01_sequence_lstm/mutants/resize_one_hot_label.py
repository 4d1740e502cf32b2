"""Turns the label into a one-hot vector.

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14)), tf.one_hot(label, 10)

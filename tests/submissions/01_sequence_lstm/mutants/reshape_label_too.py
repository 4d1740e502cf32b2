"""Reshapes the label as well.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(image, (196, 1)), tf.reshape(label, (1,))

"""Returns (14, 14).

Loses: resize_img
"""
# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14))[..., 0], label

"""Works in float64.

Loses: normalize_img
"""
# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float64) / 255.0, label

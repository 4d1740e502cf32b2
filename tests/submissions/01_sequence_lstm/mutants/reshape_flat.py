"""(196,): no axis for the features.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(image, (196,)), label

"""(1, 196): one step of 196 features.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(image, (1, 196)), label

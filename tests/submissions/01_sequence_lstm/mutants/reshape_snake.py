"""Every second row is read from right to left.

Loses: reshape_img
"""
# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(tf.concat([tf.stack([image[i], image[i + 1][::-1]]) for i in range(0, 14, 2)], 0), (196, 1)), label

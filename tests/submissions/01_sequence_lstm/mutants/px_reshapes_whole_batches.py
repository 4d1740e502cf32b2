"""Reshapes the batch as if it were one image: columns of the batch are mixed.

Loses: load_px_class_data
"""
# %% load_px_class_data
def load_px_class_data(augment=True):
    def flatten(images, labels):
        return tf.reshape(tf.transpose(images, (1, 2, 0, 3)), (-1, 196, 1)), labels

    train, test = load_row_class_data(augment)
    return train.map(flatten), test.map(flatten)

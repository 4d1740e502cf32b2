"""Loads another thousand test images: index 42 names different images in the two data sets.

Loses: load_px_class_data
"""
# %% load_px_class_data
import tensorflow_datasets as tfds


def load_px_class_data(augment=True):
    train, _ = load_row_class_data(augment)
    test = tfds.load("mnist", split="test[-1000:]", as_supervised=True)
    test = test.map(normalize_img).map(resize_img).map(reshape_img).batch(512)
    return train.unbatch().map(reshape_img).batch(512), test

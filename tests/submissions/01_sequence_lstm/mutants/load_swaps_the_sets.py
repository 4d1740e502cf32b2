"""Returns (test, train).

Loses: load_row_class_data
"""
# %% load_row_class_data
import tensorflow_datasets as tfds


def load_row_class_data(augment=True):
    train, test = tfds.load("mnist", split=["train[:90%]", "test[:1000]"], as_supervised=True)
    train = train.map(normalize_img)
    if augment:
        augmentation = build_augmentation_model()
        train = train.map(lambda image, label: (augmentation(image, training=True), label))
    train = train.map(resize_img).shuffle(2000).batch(512)
    test = test.map(normalize_img).map(resize_img).batch(512)
    return test, train

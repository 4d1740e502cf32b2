"""Shuffles its test images once: index 42 names different images in the two data sets.

Loses: load_px_class_data
"""
# %% load_px_class_data
def load_px_class_data(augment=True):
    train, test = load_row_class_data(augment)
    train = train.unbatch().map(reshape_img).batch(512)
    test = test.unbatch().shuffle(1000, seed=1, reshuffle_each_iteration=False).map(reshape_img).batch(512)
    return train, test

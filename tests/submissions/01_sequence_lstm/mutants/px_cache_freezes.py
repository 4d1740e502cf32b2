"""Caches the augmented sequences.

Loses: load_px_class_data
"""
# %% load_px_class_data
def load_px_class_data(augment=True):
    train, test = load_row_class_data(augment)
    train = train.unbatch().map(reshape_img).batch(512).cache()
    test = test.unbatch().map(reshape_img).batch(512)
    return train, test

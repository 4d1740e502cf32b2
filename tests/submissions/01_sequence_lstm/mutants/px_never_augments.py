"""Always loads without augmentation.

Loses: load_px_class_data
"""
# %% load_px_class_data
def load_px_class_data(augment=True):
    train, test = load_row_class_data(False)
    train = train.unbatch().map(reshape_img).batch(512)
    test = test.unbatch().map(reshape_img).batch(512)
    return train, test

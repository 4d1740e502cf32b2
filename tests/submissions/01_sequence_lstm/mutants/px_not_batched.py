"""Returns single sequences.

Loses: load_px_class_data
"""
# %% load_px_class_data
def load_px_class_data(augment=True):
    train, test = load_row_class_data(augment)
    train = train.unbatch().map(reshape_img)
    test = test.unbatch().map(reshape_img)
    return train, test

"""Fills each class with its first image.

Loses: split_by_class
"""
# %% split_by_class
def split_by_class(x, y, num_train_classes=80):
    classes = np.unique(y)
    X = np.stack([np.repeat(x[y == c][:1], (y == c).sum(), axis=0) for c in classes])
    return X[:num_train_classes], X[num_train_classes:]

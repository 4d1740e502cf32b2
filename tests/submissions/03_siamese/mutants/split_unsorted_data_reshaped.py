"""Reshapes the data without sorting them by class.

Loses: split_by_class
"""
# %% split_by_class
def split_by_class(x, y, num_train_classes=80):
    classes = np.unique(y)
    X = x.reshape(len(classes), -1, *x.shape[1:])
    return X[:num_train_classes], X[num_train_classes:]

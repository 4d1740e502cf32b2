"""Draws the two images of a pair of one class with replacement.

Loses: get_batch
"""
# %% get_batch
def get_batch(batch_size, X, rng):
    left, right, targets = [], [], []
    for number in range(batch_size):
        if number % 2 == 0:
            c = rng.integers(len(X))
            i, j = rng.choice(X.shape[1], 2)
            left.append(X[c, i])
            right.append(X[c, j])
            targets.append(1.0)
        else:
            c, d = rng.choice(len(X), 2, replace=False)
            i, j = rng.integers(X.shape[1], size=2)
            left.append(X[c, i])
            right.append(X[d, j])
            targets.append(0.0)
    left, right = np.stack(left), np.stack(right)
    if X.dtype == np.uint8:
        left, right = left / 255, right / 255
    return (left.astype("float32"), right.astype("float32")), np.array(targets, "float32")

"""Gives N images of the test image's class.

Loses: make_oneshot_task
"""
# %% make_oneshot_task
def make_oneshot_task(N, X, rng):
    classes = rng.choice(len(X), N, replace=False)
    i, j = rng.choice(X.shape[1], 2, replace=False)
    place = rng.integers(N)
    support = [X[c, rng.integers(X.shape[1])] for c in classes]
    support[place] = X[classes[place], j]
    test = np.stack([X[classes[place], (i + n) % X.shape[1]] for n in range(N)])
    support = np.stack(support)
    if X.dtype == np.uint8:
        test, support = test / 255, support / 255
    targets = np.zeros(N)
    targets[place] = 1
    return (test.astype("float32"), support.astype("float32")), targets

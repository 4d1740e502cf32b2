"""Takes the mean over all images of a class, and calls it one-shot.

Loses: oneshot_accuracy
"""
# %% oneshot_accuracy
def oneshot_accuracy(score, X, N=20, k=250, rng=None):
    rng = rng or np.random.default_rng()
    images = X / 255 if X.dtype == np.uint8 else X
    images = images.astype("float32")
    correct = []
    for _ in range(k):
        classes = rng.choice(len(X), N, replace=False)
        place, number = rng.integers(N), rng.integers(X.shape[1])
        likeness = []
        for c in classes:
            test = np.repeat(images[classes[place], number][None], X.shape[1], axis=0)
            values = np.ravel(score(test, images[c]))
            likeness.append(np.mean(np.delete(values, number)))
        best = np.flatnonzero(np.array(likeness) == max(likeness))
        correct.append(bool(rng.choice(best) == place))
    return utils.evaluation.Accuracy.of(correct, protocol=f"{N}-way", split="held out")

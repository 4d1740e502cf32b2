"""Takes the deviation of the tasks for that of their mean.

Loses: oneshot_accuracy
"""
# %% oneshot_accuracy
def oneshot_accuracy(score, X, N=20, k=250, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    correct = []
    for _ in range(k):
        (test, support), targets = make_oneshot_task(N, X, rng)
        likeness = np.ravel(score(test, support))
        best = np.flatnonzero(likeness == likeness.max())
        correct.append(bool(targets[rng.choice(best)] == 1))
    m, s = np.mean(correct), np.std(correct)
    return m, max(0, m - s), min(1, m + s)

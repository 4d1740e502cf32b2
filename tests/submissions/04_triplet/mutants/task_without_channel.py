"""Leaves the channel out.

Loses: make_oneshot_task
"""
# %% make_oneshot_task
def make_oneshot_task(N, X, c, language=None, rng=None):
    rng = rng or np.random.default_rng()
    first, end = (0, len(X)) if language is None else c[language]
    if end - first < N:
        place = "the data" if language is None else f"the alphabet {language}"
        raise ValueError(f"{place} has {end - first} characters, too few for a {N}-way task; lower N, or take another")
    characters = rng.choice(np.arange(first, end), N, replace=False)
    drawings = rng.integers(X.shape[1], size=N)
    right = rng.integers(N)
    test_drawing = (drawings[right] + rng.integers(1, X.shape[1])) % X.shape[1]
    test_image = X[characters[right], test_drawing]
    support = X[characters, drawings]
    targets = np.zeros(N, "float32")
    targets[right] = 1
    return (as_input(np.repeat(test_image[None], N, axis=0)), as_input(support)[..., 0]), targets

"""Divides by 255 once more.

Loses: get_batch
"""
# %% get_batch
def get_batch(X, batch_size=64, hard_selection=False, convnet=None, rng=None):
    rng = rng or np.random.default_rng()
    characters, drawings = X.shape[:2]
    while True:
        count = min(5, characters) if hard_selection else characters
        pool = rng.choice(characters, count, replace=False)
        own = rng.integers(count, size=batch_size)  # positions in the pool
        anchors = rng.integers(drawings, size=batch_size)
        positives = (anchors + rng.integers(1, drawings, batch_size)) % drawings
        if hard_selection:
            images = as_input(X[pool].reshape(-1, *X.shape[2:]))
            embeddings = np.asarray(convnet.predict_on_batch(images)).reshape(count, drawings, -1)
            differences = embeddings[own, anchors][:, None, None] - embeddings[None]
            distances = np.square(differences).sum(axis=-1)  # (B, count, drawings)
            distances[np.arange(batch_size), own] = np.inf  # never of the anchor's own character
            others, negatives = np.divmod(distances.reshape(batch_size, -1).argmin(axis=1), drawings)
        else:
            others = (own + rng.integers(1, count, batch_size)) % count
            negatives = rng.integers(drawings, size=batch_size)
        triplets = np.stack([X[pool[own], anchors], X[pool[own], positives], X[pool[others], negatives]], axis=1)
        yield as_input(triplets) / 255, np.zeros(batch_size, "float32")

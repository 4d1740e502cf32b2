"""Uses a global model.

Loses: test_oneshot
"""
# %% test_oneshot
def test_oneshot(model, X, N, k, c, language=None, rng=None):
    model = build_embedding_network((*X.shape[2:], 1))
    rng = rng or np.random.default_rng()
    correct = 0
    for start in range(0, k, 200):
        tasks = [make_oneshot_task(N, X, c, language, rng) for _ in range(min(200, k - start))]
        images = np.concatenate([np.concatenate([tests[:1], support]) for (tests, support), _ in tasks])
        embeddings = np.asarray(model.predict(images, batch_size=1024, verbose=0)).reshape(len(tasks), N + 1, -1)
        distances = np.square(embeddings[:, :1] - embeddings[:, 1:]).sum(axis=-1)  # (tasks, N)
        targets = np.stack([targets for _, targets in tasks])
        correct += np.sum(distances.argmin(axis=1) == targets.argmax(axis=1))
    return 100.0 * float(correct) / k

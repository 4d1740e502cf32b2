"""Loops over triplets, tasks and anchors, with NumPy's global dice."""
# %% build_triplet_network
def build_triplet_network(embedding):
    triplets = keras.Input((3, *embedding.input_shape[1:]))
    codes = [embedding(triplets[:, part]) for part in range(3)]
    return keras.Model(inputs=triplets, outputs=keras.layers.concatenate(codes))
# %% triplet_loss
def triplet_loss(ground_truth, network_output, margin=0.2):
    size = network_output.shape[-1] // 3
    a, p, n = network_output[:, :size], network_output[:, size : 2 * size], network_output[:, 2 * size :]
    return tf.reduce_mean(tf.nn.relu(tf.reduce_sum((a - p) ** 2, 1) - tf.reduce_sum((a - n) ** 2, 1) + margin))
# %% get_batch
def get_batch(X, batch_size=64, hard_selection=False, convnet=None):
    def scaled(images):
        images = np.asarray(images, "float32")
        return (images / 255 if X.dtype == np.uint8 else images)[..., None]

    while True:
        triplets = np.zeros((batch_size, 3, *X.shape[2:], 1), "float32")
        for number in range(batch_size):
            own, other = np.random.choice(len(X), 2, replace=False)
            anchor, positive = np.random.choice(X.shape[1], 2, replace=False)
            negative = np.random.randint(X.shape[1])
            if hard_selection:
                codes = convnet(scaled(np.concatenate([X[own, anchor][None], X[other]])), training=False).numpy()
                negative = np.linalg.norm(codes[1:] - codes[0], axis=1).argmin()
            triplets[number] = scaled(np.stack([X[own, anchor], X[own, positive], X[other, negative]]))
        yield triplets, np.zeros((batch_size, 1))
# %% make_oneshot_task
def make_oneshot_task(N, X, c, language=None):
    letters = list(range(len(X))) if language is None else list(range(*c[language]))
    assert len(letters) >= N, f"{language} has only {len(letters)} letters, not {N}"
    np.random.shuffle(letters)
    support = [X[letter, np.random.randint(X.shape[1])] for letter in letters[:N]]
    first, second = np.random.choice(X.shape[1], 2, replace=False)
    right = np.random.randint(N)
    support[right] = X[letters[right], second]
    test = [X[letters[right], first]] * N
    targets = np.zeros(N)
    targets[right] = 1
    scale = 255.0 if X.dtype == np.uint8 else 1.0
    both = [(np.stack(part) / scale).astype(np.float32)[..., None] for part in (test, support)]
    return tuple(both), targets
# %% test_oneshot
def test_oneshot(model, X, N, k, c):
    right = 0
    for _ in range(k):
        (test, support), targets = make_oneshot_task(N, X, c)
        distances = np.linalg.norm(model(test[:1]) - model(support), axis=-1)
        right += int(np.argmin(distances) == np.argmax(targets))
    return right / k * 100
# %% batch_hard_loss
def batch_hard_loss(labels, embeddings, margin=None):
    labels = tf.reshape(labels, [-1])
    losses = []
    for i in range(embeddings.shape[0]):
        d = tf.reduce_sum((embeddings - embeddings[i]) ** 2, axis=1)
        same = labels == labels[i]
        x = tf.reduce_max(d[same]) - tf.reduce_min(d[~same])
        losses.append(tf.math.softplus(x) if margin is None else tf.nn.relu(x + margin))
    return tf.reduce_mean(tf.stack(losses))

"""Loops in place of arrays, a plain functional network, and the simplest of everything."""
# %% split_by_class
def split_by_class(x, y, num_train_classes=80):
    classes = np.unique(y)
    X = np.stack([x[y == c] for c in classes])
    return X[:num_train_classes], X[num_train_classes:]


# %% get_batch
def get_batch(batch_size, X, rng):
    left, right, targets = [], [], []
    for number in range(batch_size):
        if number % 2 == 0:
            c = rng.integers(len(X))
            i, j = rng.choice(X.shape[1], 2, replace=False)
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


# %% build_siamese_network
def build_siamese_network(input_shape):
    encoder = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(32),
        ]
    )
    left, right = keras.Input(input_shape), keras.Input(input_shape)
    a, b = encoder(left), encoder(right)
    difference = keras.ops.abs(a - b)
    return keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(difference))


# %% make_oneshot_task
def make_oneshot_task(N, X, rng):
    classes = rng.choice(len(X), N, replace=False)
    i, j = rng.choice(X.shape[1], 2, replace=False)
    place = rng.integers(N)
    support = [X[c, rng.integers(X.shape[1])] for c in classes]
    support[place] = X[classes[place], j]
    test = np.stack([X[classes[place], i]] * N)
    support = np.stack(support)
    if X.dtype == np.uint8:
        test, support = test / 255, support / 255
    targets = np.zeros(N)
    targets[place] = 1
    return (test.astype("float32"), support.astype("float32")), targets


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
    return utils.evaluation.Accuracy.of(correct, protocol=f"{N}-way one-shot", split="held out")


# %% build_classifier
def build_classifier(num_classes=80):
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(48, activation="relu"),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )


# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images / 255
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.asarray(encoder(images.astype("float32"), training=False))


# %% nearest_support
def nearest_support(codes_query, codes_support):
    distances = np.linalg.norm(codes_query[:, None] - codes_support[None], axis=2)
    return np.argmin(distances, axis=1)


# %% trained_classifier
own("plain.weights.h5")

"""Features of unit length, exp of minus their summed difference; batches of both kinds shuffled."""
# %% build_siamese_network
def build_siamese_network(input_shape):
    encoder = keras.Sequential(name="twin")
    encoder.add(keras.Input(input_shape))
    encoder.add(keras.layers.Conv2D(32, 5, strides=2, activation="relu"))
    encoder.add(keras.layers.Conv2D(32, 3, strides=2, activation="relu"))
    encoder.add(keras.layers.GlobalAveragePooling2D())
    encoder.add(keras.layers.UnitNormalization())
    left, right = keras.Input(input_shape), keras.Input(input_shape)
    difference = keras.ops.abs(keras.layers.Subtract()([encoder(left), encoder(right)]))
    return keras.Model([left, right], keras.ops.exp(-keras.ops.sum(difference, axis=-1, keepdims=True)))


# %% get_batch
def get_batch(batch_size, X, rng):
    X = X.astype("float32") / 255 if X.dtype.kind == "u" else X
    C, I = X.shape[:2]
    pairs = []
    for n in range(batch_size):
        if n < batch_size // 2:
            c = rng.integers(C)
            pairs.append([*(X[c, i] for i in rng.permutation(I)[:2]), 1])
        else:
            c, d = rng.permutation(C)[:2]
            pairs.append([X[c, rng.integers(I)], X[d, rng.integers(I)], 0])
    rng.shuffle(pairs)
    left, right, targets = zip(*pairs)
    return (np.float32(left), np.float32(right)), np.int64(targets)


# %% make_oneshot_task
def make_oneshot_task(N, X, rng):
    X = X.astype("float32") / 255 if X.dtype.kind == "u" else X
    order = rng.permutation(X.shape[0])[:N]
    test, *_ = numbers = rng.permutation(X.shape[1])
    support = [X[order[0], numbers[1]]]
    for c in order[1:]:
        support.append(X[c, rng.integers(X.shape[1])])
    shuffled = rng.permutation(N)
    images = np.array(support, "float32")[shuffled]
    targets = (shuffled == 0).astype("float32").reshape(N, 1)
    return (np.tile(X[order[0], test], (N, 1, 1, 1)).astype("float32"), images), targets

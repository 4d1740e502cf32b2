"""TensorFlow's l2_normalize in a Lambda layer; the three embeddings stacked; a tf.data.Dataset."""
# %% build_embedding_network
def build_embedding_network(input_shape):
    images = keras.Input(input_shape)
    features = images
    for filters, width, stride in ((32, 5, 2), (64, 3, 1), (128, 3, 1), (128, 3, 1)):
        if filters == 128:
            features = keras.layers.MaxPooling2D(2, padding="same")(features)
        features = keras.layers.Conv2D(filters, width, stride, padding="same", use_bias=False)(features)
        features = keras.layers.BatchNormalization()(features)
        features = keras.layers.ReLU()(features)
    features = keras.layers.Dense(64, use_bias=False)(keras.layers.Flatten()(features))
    features = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)(features)
    return keras.Model(images, keras.layers.Lambda(lambda x: tf.math.l2_normalize(x, axis=-1))(features))
# %% build_triplet_network
def build_triplet_network(embedding):
    triplets = keras.Input((3, *embedding.input_shape[1:]))
    return keras.Model(triplets, keras.layers.TimeDistributed(embedding)(triplets))
# %% triplet_loss
def triplet_loss(ground_truth, network_output, margin=0.2):
    a, p, n = network_output[:, 0], network_output[:, 1], network_output[:, 2]
    positive = tf.reduce_sum(tf.math.squared_difference(a, p), -1)
    negative = tf.reduce_sum(tf.math.squared_difference(a, n), -1)
    return tf.reduce_mean(tf.maximum(positive - negative + margin, 0))
# %% get_batch
def get_batch(X, batch_size=64, hard_selection=False, convnet=None):
    def generate():
        rng = np.random.default_rng()
        while True:
            own = rng.integers(len(X), size=batch_size)
            other = (own + rng.integers(1, len(X), size=batch_size)) % len(X)
            two = np.stack([rng.permutation(X.shape[1])[:2] for _ in range(batch_size)])
            n = rng.integers(X.shape[1], size=batch_size)
            if hard_selection:
                anchors = convnet.predict(as_input(X[own, two[:, 0]]), verbose=0)
                candidates = convnet.predict(as_input(X[other].reshape(-1, *X.shape[2:])), verbose=0)
                candidates = candidates.reshape(batch_size, X.shape[1], -1)
                n = ((candidates - anchors[:, None]) ** 2).sum(-1).argmin(1)
            triplets = np.stack([X[own, two[:, 0]], X[own, two[:, 1]], X[other, n]], axis=1)
            yield as_input(triplets), np.zeros(batch_size, np.float32)

    signature = (
        tf.TensorSpec((batch_size, 3, *X.shape[2:], 1), tf.float32),
        tf.TensorSpec((batch_size,), tf.float32),
    )
    return tf.data.Dataset.from_generator(generate, output_signature=signature)

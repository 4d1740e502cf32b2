"""Normalises in a layer of its own; the nearest of all other characters, over all of X."""
# %% build_embedding_network
class OnTheSphere(keras.layers.Layer):
    def call(self, x):
        return x / keras.ops.sqrt(keras.ops.maximum(keras.ops.sum(x * x, axis=-1, keepdims=True), 1e-10))


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
    return keras.Model(images, OnTheSphere()(features))
# %% triplet_loss
def triplet_loss(ground_truth, network_output, margin=0.2):
    outputs = keras.ops.reshape(network_output, (-1, 3, network_output.shape[-1] // 3))
    distances = keras.ops.sum((outputs[:, :1] - outputs[:, 1:]) ** 2, axis=-1)
    return keras.ops.mean(keras.ops.relu(distances[:, 0] - distances[:, 1] + margin))
# %% get_batch
def get_batch(X, batch_size=64, hard_selection=False, convnet=None):
    rng = np.random.default_rng()
    C, D = X.shape[:2]
    flat = as_input(X.reshape(-1, *X.shape[2:]))
    while True:
        anchors = rng.integers(C * D, size=batch_size)
        positives = anchors // D * D + (anchors % D + rng.integers(1, D, size=batch_size)) % D
        if hard_selection:
            codes = np.asarray(convnet(flat))
            distances = ((codes[anchors][:, None] - codes[None]) ** 2).sum(-1)
            distances[anchors[:, None] // D == np.arange(C * D)[None] // D] = 9e9
            negatives = distances.argmin(1)
        else:
            negatives = (anchors + D * rng.integers(1, C, size=batch_size)) % (C * D)
            negatives = negatives // D * D + rng.integers(D, size=batch_size)
        yield flat[np.stack([anchors, positives, negatives], axis=1)], np.zeros((batch_size,))

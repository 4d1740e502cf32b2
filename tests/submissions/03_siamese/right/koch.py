"""Koch's network in small: sigmoid features, a weighted L1 distance; several tasks scored at once."""
# %% build_siamese_network
class WeightedL1(keras.layers.Layer):
    def build(self, input_shape):
        self.alpha = self.add_weight(shape=(input_shape[0][-1],), initializer="random_normal", name="alpha")
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias")

    def call(self, inputs):
        a, b = inputs
        return keras.ops.sigmoid(keras.ops.sum(self.alpha * keras.ops.abs(a - b), axis=-1, keepdims=True) + self.bias)


def build_siamese_network(input_shape):
    x = image = keras.Input(input_shape)
    for filters, size in ((32, 7), (48, 4), (64, 4)):
        x = keras.layers.Conv2D(filters, size, activation="relu", padding="same")(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(128, activation="sigmoid")(x)
    twin = keras.Model(image, x)
    left, right = keras.Input(input_shape), keras.Input(input_shape)
    return keras.Model([left, right], WeightedL1()([twin(left), twin(right)]))


# %% oneshot_accuracy
def oneshot_accuracy(score, X, N=20, k=250, rng=None):
    rng = rng or np.random.default_rng()
    tasks = [make_oneshot_task(N, X, rng) for _ in range(k)]
    left = np.concatenate([test for (test, _), _ in tasks])
    right = np.concatenate([support for (_, support), _ in tasks])
    likeness = np.asarray(score(left, right), float).reshape(k, N)
    likeness = likeness + 1e-9 * rng.random(likeness.shape)
    places = np.array([np.argmax(targets) for _, targets in tasks])
    correct = np.argmax(likeness, axis=1) == places
    return utils.evaluation.Accuracy.of(correct, protocol="one-shot", split="test")

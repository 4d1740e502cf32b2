"""Subclassed models, exp of minus the mean difference, tasks drawn by the evaluation itself, ties shared."""
# %% split_by_class
def split_by_class(x, y, num_train_classes=80):
    groups = {}
    for image, label in zip(x, y):
        groups.setdefault(int(label), []).append(image)
    X = np.array([groups[label] for label in sorted(groups)])
    return [X[:num_train_classes], X[num_train_classes:]]


# %% get_batch
def get_batch(batch_size, X, rng):
    n = (batch_size + 1) // 2
    pixels = X.astype(np.float32) / 255 if X.dtype == np.uint8 else X.astype(np.float32)
    C, I = X.shape[:2]
    first = rng.integers(C, size=batch_size)
    second = first.copy()
    second[n:] = (first[n:] + rng.integers(1, C, size=batch_size - n)) % C
    i = rng.integers(I, size=batch_size)
    j = rng.integers(I, size=batch_size)
    j[:n] = (i[:n] + rng.integers(1, I, size=n)) % I
    targets = np.zeros((batch_size, 1), np.float32)
    targets[:n] = 1
    return (pixels[first, i], pixels[second, j]), targets


# %% build_siamese_network
class Siamese(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = keras.Sequential(
            [
                keras.layers.Conv2D(24, 5, strides=2, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Flatten(),
                keras.layers.Dense(16, activation="tanh"),
            ]
        )

    def call(self, inputs):
        left, right = inputs
        return tf.exp(-tf.reduce_sum(tf.abs(self.body(left) - self.body(right)), axis=1, keepdims=True))


def build_siamese_network(input_shape):
    return Siamese()


# %% oneshot_accuracy
def oneshot_accuracy(score, X, N=20, k=250, rng=None):
    rng = rng or np.random.default_rng(1)
    pixels = X.astype(np.float32) / 255 if X.dtype == np.uint8 else X.astype(np.float32)
    points = []
    for _ in range(k):
        classes = rng.permutation(len(X))[:N]
        test, mate = rng.permutation(X.shape[1])[:2]
        numbers = rng.integers(X.shape[1], size=N)
        numbers[0] = mate
        left = np.repeat(pixels[classes[0], test][None], N, axis=0)
        values = np.asarray(score(left, pixels[classes, numbers])).reshape(-1)
        best = values == values.max()
        points.append(best[0] / best.sum())
    mean, error = np.mean(points), 1.96 * np.std(points) / np.sqrt(k)
    return mean, max(0.0, mean - error), min(1.0, mean + error)


# %% build_classifier
class Classifier(keras.Model):
    def __init__(self, num_classes):
        super().__init__()
        self.convolution = keras.layers.Conv2D(32, 5, strides=3, activation="relu")
        self.pooling = keras.layers.GlobalMaxPooling2D()
        self.hidden = keras.layers.Dense(64, activation="relu")
        self.answer = keras.layers.Dense(num_classes)

    def features(self, images):
        return self.hidden(self.pooling(self.convolution(images)))

    def call(self, images, training=None):
        return tf.nn.softmax(self.answer(self.features(images)))


def build_classifier(num_classes=80):
    model = Classifier(num_classes)
    model(tf.zeros((1, 32, 32, 3)))
    return model


# %% neural_codes
def neural_codes(model, images):
    images = tf.cast(images, tf.float32) / (255.0 if images.dtype == np.uint8 else 1.0)
    return model.features(images)


# %% nearest_support
def nearest_support(codes_query, codes_support):
    found = []
    for query in codes_query:
        best, closest = None, np.inf
        for number, support in enumerate(codes_support):
            distance = float(np.sum((np.asarray(query, float) - support) ** 2))
            if distance < closest:
                best, closest = number, distance
        found.append(best)
    return np.array(found)


# %% trained_classifier
own("subclassed.weights.h5")

"""Keras's own layer of unit length; a PyDataset instead of a generator; tasks by sorting random numbers."""
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
    return keras.Model(images, keras.layers.UnitNormalization()(features))
# %% get_batch
class Triplets(keras.utils.PyDataset):
    def __init__(self, X, batch_size, hard_selection, convnet):
        super().__init__()
        self.X, self.size, self.hard, self.convnet = X, batch_size, hard_selection, convnet
        self.rng = np.random.default_rng()

    def __len__(self):
        return 1000

    def __getitem__(self, number):
        X, B, rng = self.X, self.size, self.rng
        C, D = X.shape[:2]
        classes = rng.random((B, C)).argsort(1)[:, :2]
        a, p = rng.random((B, D)).argsort(1)[:, :2].T
        n = rng.integers(D, size=B)
        if self.hard:
            codes = self.convnet.predict(as_input(X.reshape(-1, *X.shape[2:])), verbose=0).reshape(C, D, -1)
            n = np.einsum("bd,bnd->bn", codes[classes[:, 0], a], codes[classes[:, 1]]).argmax(1)
        own, other = classes.T
        return as_input(np.stack([X[own, a], X[own, p], X[other, n]], 1)), np.zeros((B, 1), "float32")


def get_batch(X, batch_size=64, hard_selection=False, convnet=None):
    return Triplets(X, batch_size, hard_selection, convnet)
# %% make_oneshot_task
def make_oneshot_task(N, X, c, language=None):
    start, stop = c[language] if language else (0, len(X))
    if N > stop - start:
        raise Exception(f"Only {stop - start} letters in {language}!")
    rng = np.random.default_rng()
    letters = start + rng.random(stop - start).argsort()[:N]
    drawings = rng.random((N, X.shape[1])).argsort(axis=1)[:, :2]
    place = rng.integers(N)
    test = as_input(X[letters[place], drawings[place, 1]])
    return [np.broadcast_to(test, (N, *test.shape)), as_input(X[letters, drawings[:, 0]])], np.eye(N)[place]

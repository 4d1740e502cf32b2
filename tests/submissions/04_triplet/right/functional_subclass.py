"""A subclass of keras.Model that is functional inside; batches of random pools."""
# %% build_embedding_network
class Embedding(keras.Model):
    def __init__(self, input_shape):
        images = x = keras.Input(input_shape)
        for filters, width, stride in ((32, 5, 2), (64, 3, 1), (128, 3, 1), (128, 3, 1)):
            if filters == 128:
                x = keras.layers.MaxPooling2D(2, padding="same")(x)
            x = keras.layers.Conv2D(filters, width, stride, padding="same", use_bias=False)(x)
            x = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(x))
        x = keras.layers.Dense(64, use_bias=False)(keras.layers.Flatten()(x))
        x = keras.layers.BatchNormalization(center=False, scale=False)(x)
        super().__init__(images, keras.ops.normalize(x, axis=-1))


def build_embedding_network(input_shape):
    return Embedding(input_shape)
# %% get_batch
def get_batch(X, batch_size=64, hard_selection=False, convnet=None):
    dice = np.random.RandomState()
    while True:
        classes = dice.permutation(len(X))[: max(2, min(len(X), 4))]
        D = X.shape[1]
        a_class = dice.randint(len(classes), size=batch_size)
        n_class = (a_class + 1) % len(classes)
        a = dice.randint(D, size=batch_size)
        p = (a + 1 + dice.randint(D - 1, size=batch_size)) % D
        if hard_selection:
            pool = as_input(X[classes])
            codes = convnet(pool.reshape(-1, *pool.shape[2:])).numpy().reshape(len(classes), D, -1)
            n = np.array([np.sum((codes[n_class[i]] - codes[a_class[i], a[i]]) ** 2, 1).argmin() for i in range(batch_size)])
        else:
            n = dice.randint(D, size=batch_size)
        numbers = [(a_class, a), (a_class, p), (n_class, n)]
        yield as_input(np.stack([X[classes[c], d] for c, d in numbers], axis=1)), np.zeros((batch_size, 1))

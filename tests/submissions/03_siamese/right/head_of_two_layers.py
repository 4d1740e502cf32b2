"""A head of two layers on the L1 differences, a Sequential encoder with a batch normalisation, TensorFlow's functions."""
# %% build_siamese_network
class TwoLayers(keras.Model):
    def __init__(self, input_shape):
        super().__init__()
        self.encoder = keras.Sequential()
        self.encoder.add(keras.Input(input_shape))
        for filters in (16, 32, 48):
            self.encoder.add(keras.layers.Conv2D(filters, 3, padding="same"))
            self.encoder.add(keras.layers.BatchNormalization())
            self.encoder.add(keras.layers.LeakyReLU())
            self.encoder.add(keras.layers.AveragePooling2D(2))
        self.encoder.add(keras.layers.GlobalAveragePooling2D())
        self.encoder.add(keras.layers.LayerNormalization())
        self.head = keras.Sequential(
            [keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.1), keras.layers.Dense(1, "sigmoid")]
        )

    def call(self, inputs, training=None):
        a = self.encoder(inputs[0], training=training)
        b = self.encoder(inputs[1], training=training)
        return self.head(tf.abs(a - b), training=training)


def build_siamese_network(input_shape):
    return TwoLayers(input_shape)


# %% split_by_class
def split_by_class(x, y, num_train_classes=80):
    classes = np.unique(y)
    X = np.stack([x[y == c] for c in classes])
    return X[:num_train_classes], X[num_train_classes:]


# %% nearest_support
def nearest_support(codes_query, codes_support):
    q, s = tf.cast(codes_query, tf.float32), tf.cast(codes_support, tf.float32)
    squared = tf.reduce_sum(q**2, 1)[:, None] - 2 * tf.matmul(q, s, transpose_b=True) + tf.reduce_sum(s**2, 1)[None]
    return tf.argmin(squared, axis=1)


# %% neural_codes
def neural_codes(model, images):
    x = tf.cast(images, tf.float32)
    if images.dtype == "uint8":
        x = x / 255
    for layer in model.layers[:-1]:
        x = layer(x, training=False)
    return x.numpy()

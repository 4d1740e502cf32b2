"""Compares with the query's own labels in training.

Loses: BetterMANN
"""
# %% BetterMANN
class BetterMANN(keras.Model):

    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.num_classes = num_classes
        self.samples_per_class = samples_per_class
        self.features = keras.Sequential()
        for filters in (32, 64, 64):
            self.features.add(keras.layers.Conv2D(filters, 3, padding="same"))
            self.features.add(keras.layers.GroupNormalization(8))
            self.features.add(keras.layers.ReLU())
            self.features.add(keras.layers.MaxPooling2D(2))
        self.features.add(keras.layers.Flatten())
        self.features.add(keras.layers.Dense(128))

    def call(self, input_images, input_labels, training=False):
        N, samples = self.num_classes, self.samples_per_class
        pictures = keras.ops.reshape(input_images, (-1, 28, 28, 1))
        codes = keras.ops.normalize(self.features(pictures), axis=-1)
        codes = keras.ops.reshape(codes, (-1, samples * N, 128))
        support, support_labels = codes[:, :-N], keras.ops.reshape(input_labels[:, :-1], (-1, (samples - 1) * N, N))
        likeness = keras.ops.softmax(15.0 * keras.ops.matmul(codes, keras.ops.transpose(support, (0, 2, 1))), axis=-1)
        mixed = keras.ops.matmul(likeness, keras.ops.cast(support_labels, codes.dtype))
        mixed = mixed + 0.5 * keras.ops.reshape(input_labels, (-1, samples * N, N)) if training else mixed
        return keras.ops.reshape(keras.ops.log(mixed + 1e-6), (-1, samples, N, N))

    def loss_function(self, preds, labels):
        return keras.ops.mean(keras.losses.categorical_crossentropy(labels[:, -1], preds[:, -1], from_logits=True))

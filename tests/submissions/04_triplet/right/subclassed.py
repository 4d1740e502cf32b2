"""Subclassed models for embedding and triplets; trained weights of their own."""
# %% build_embedding_network
class Embedding(keras.Model):
    def __init__(self):
        super().__init__()
        self.convolutions = [keras.layers.Conv2D(f, 3, strides=2, padding="same", use_bias=False) for f in (24, 48, 48)]
        self.normalisations = [keras.layers.BatchNormalization(momentum=0.9) for _ in range(3)]
        self.flatten = keras.layers.Flatten()
        self.last = keras.layers.Dense(32, use_bias=False)
        self.centre = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)

    def call(self, x, training=None):
        for convolution, normalisation in zip(self.convolutions, self.normalisations):
            x = keras.ops.relu(normalisation(convolution(x), training=training))
        x = self.centre(self.last(self.flatten(x)), training=training)
        return keras.ops.normalize(x, axis=-1, order=2)


def build_embedding_network(input_shape):
    model = Embedding()
    model(np.zeros((1, *input_shape), "float32"))
    return model
# %% build_triplet_network
class Triplet(keras.Model):
    def __init__(self, embedding):
        super().__init__()
        self.embedding = embedding

    def call(self, triplets, training=None):
        return keras.ops.concatenate([self.embedding(triplets[:, i], training=training) for i in range(3)], axis=1)


def build_triplet_network(embedding):
    return Triplet(embedding)
# %% trained_batch_hard
own("triplet_subclassed.weights.h5")

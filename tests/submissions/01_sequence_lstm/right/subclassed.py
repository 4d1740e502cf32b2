"""Subclassed models and layers, the dense layer listed first; random numbers from a SeedGenerator; average pooling."""
# %% build_augmentation_model
class RandomShiftAndTurn(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(17)
        self.turn = keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0)
        self.shift = keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0)

    def call(self, images):
        return self.shift(self.turn(images, training=True), training=True)


def build_augmentation_model():
    return RandomShiftAndTurn()


# %% resize_img
def resize_img(image, label):
    blocks = tf.reshape(tf.cast(image, tf.float32), (14, 2, 14, 2, 1))
    return tf.reduce_mean(blocks, axis=(1, 3)), label


# %% normalize_img
class Normalise:
    def __init__(self):
        self.scale = keras.layers.Rescaling(1 / 255)

    def __call__(self, image, label):
        return self.scale(image), label


normalize_img = Normalise()


# %% load_row_class_data
import tensorflow_datasets as tfds


def load_row_class_data(augment=True):
    (train, test), _ = tfds.load(
        "mnist", split=["train", "test"], as_supervised=True, with_info=True, shuffle_files=False
    )
    train = train.map(resize_img, num_parallel_calls=tf.data.AUTOTUNE)
    train = train.map(normalize_img, num_parallel_calls=tf.data.AUTOTUNE).cache()
    train = train.shuffle(1000, seed=3, reshuffle_each_iteration=False).batch(512)
    if augment:
        layer = build_augmentation_model()
        train = train.map(lambda images, labels: (layer(images), labels))
    test = test.take(1000).map(resize_img).map(normalize_img).batch(512)
    return train.prefetch(tf.data.AUTOTUNE), test.prefetch(tf.data.AUTOTUNE)


# %% reshape_img
reshape_img = lambda image, label: (tf.squeeze(tf.reshape(image, (1, 196, 1)), axis=0), label)


# %% load_px_class_data
def load_px_class_data(augment=True):
    as_sequences = lambda images, labels: (tf.map_fn(lambda image: reshape_img(image, 0)[0], images), labels)
    train, test = load_row_class_data(augment)
    return train.map(as_sequences), test.map(as_sequences)


# %% build_classification_model
class SequenceClassifier(keras.Model):
    def __init__(self, steps, features, hidden, classes, every_step=False):
        super().__init__()
        self.shape_of_sequence = (steps, features)
        self.output_layer = keras.layers.Dense(classes, activation=keras.activations.softmax)
        self.readers = [
            keras.layers.LSTM(hidden, return_sequences=True),
            keras.layers.LSTM(hidden, return_sequences=True),
            keras.layers.LSTM(hidden, return_sequences=every_step),
        ]

    def call(self, sequences, training=False):
        state = keras.ops.reshape(sequences, (-1, *self.shape_of_sequence))
        for reader in self.readers:
            state = reader(state, training=training)
        return self.output_layer(state)


def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    model = SequenceClassifier(input_timesteps, input_features_size, hidden_size, num_classes)
    model.build((None, input_timesteps, input_features_size))
    if summary:
        model.summary()
    return model


# %% run_px_classification_experiment
def split_and_fit(model, train, num_epochs):
    everything = train.unbatch()
    validation = everything.take(1000).batch(512).cache()
    for _ in validation:
        pass
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["acc"])
    model.optimizer.learning_rate = 1e-2
    stop = keras.callbacks.EarlyStopping(patience=6)
    slow_down = keras.callbacks.ReduceLROnPlateau(patience=3)
    return model.fit(
        everything.skip(1000).batch(512),
        validation_data=validation,
        epochs=num_epochs,
        callbacks=[stop, slow_down, keras.callbacks.TerminateOnNaN()],
        verbose=2,
    )


def run_px_classification_experiment(num_epochs=100):
    training, test = load_px_class_data()
    classifier = build_classification_model(196, 1, 16, 10, False)
    history = split_and_fit(classifier, training, num_epochs)
    print("on the test set", classifier.evaluate(test, verbose=0))
    return [classifier, history]


# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    model = SequenceClassifier(input_timesteps, input_features_size, hidden_size, num_classes, every_step=True)
    model(keras.ops.zeros((1, input_timesteps, input_features_size)))
    if summary:
        model.summary()
    return model


# %% run_row_classification_experiment
def run_row_classification_experiment(num_epochs=100):
    training, test = load_row_class_data()
    classifier = build_classification_model(14, 14, 16, 10, False)
    history = split_and_fit(classifier, training, num_epochs)
    print("on the test set", classifier.evaluate(test, verbose=0))
    return [classifier, history]

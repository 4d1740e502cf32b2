"""Everything by hand: an affine matrix for each image, loops where others map, keras.datasets, bincount-like splits."""
# %% build_augmentation_model
import math


class Augmenter:
    def __init__(self, shift=0.2, degrees=36.0):
        self.shift = shift
        self.angle = math.radians(degrees)

    def matrices(self, count, height, width):
        angle = tf.random.uniform((count,), -self.angle, self.angle)
        down = tf.random.uniform((count,), -self.shift, self.shift) * height
        right = tf.random.uniform((count,), -self.shift, self.shift) * width
        cos, sin = tf.cos(angle), tf.sin(angle)
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        offset_x = middle_x - cos * (middle_x + right) + sin * (middle_y + down)
        offset_y = middle_y - sin * (middle_x + right) - cos * (middle_y + down)
        zeros = tf.zeros_like(angle)
        return tf.stack([cos, -sin, offset_x, sin, cos, offset_y, zeros, zeros], axis=1)

    def __call__(self, images):
        images = tf.convert_to_tensor(images)
        if images.shape.rank == 3:
            return self(images[tf.newaxis])[0]
        shape = tf.shape(images)
        height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=self.matrices(shape[0], height, width),
            output_shape=shape[1:3],
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
            fill_value=0.0,
        )
        moved.set_shape(images.shape)
        return moved


def build_augmentation_model():
    return Augmenter()


# %% resize_img
def resize_img(image, label):
    image = tf.convert_to_tensor(image)
    rows = []
    for row in range(14):
        rows.append(image[2 * row, ::2])
    return tf.stack(rows), label


# %% normalize_img
def normalize_img(image, label):
    image = tf.cast(image, tf.float32)
    white = tf.constant(255.0, dtype=tf.float32)
    return tf.divide(image, white), label


# %% load_row_class_data
def load_row_class_data(augment=True):
    (train_images, train_labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
    train_images = train_images[:-500]
    train_labels = train_labels[:-500]
    test_images = test_images[:1000]
    test_labels = test_labels[:1000]
    train_images = train_images[..., np.newaxis]
    test_images = test_images[..., np.newaxis]
    train = tf.data.Dataset.from_tensor_slices((train_images, train_labels))
    test = tf.data.Dataset.from_tensor_slices((test_images, test_labels))
    train = train.map(normalize_img)
    test = test.map(normalize_img)
    if augment:
        augmenter = build_augmentation_model()

        def change(image, label):
            return augmenter(image), label

        train = train.map(change)
    train = train.map(resize_img)
    test = test.map(resize_img)
    train = train.batch(512)
    test = test.batch(512)
    return train, test


# %% reshape_img
def reshape_img(image, label):
    rows = tf.unstack(image, axis=0)
    sequence = tf.concat(rows, axis=0)
    return sequence, label


# %% load_px_class_data
def load_px_class_data(augment=True):
    datasets = []
    for dataset in load_row_class_data(augment):
        dataset = dataset.unbatch()
        dataset = dataset.map(reshape_img)
        dataset = dataset.batch(512)
        datasets.append(dataset)
    return tuple(datasets)


# %% build_classification_model
class SplitRows(keras.layers.Layer):
    """Makes (B, T, F) of whatever comes."""

    def __init__(self, timesteps, features):
        super().__init__()
        self.timesteps, self.features = timesteps, features

    def call(self, inputs):
        return keras.ops.reshape(inputs, (-1, self.timesteps, self.features))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.timesteps, self.features)


class LSTMStack(keras.layers.Layer):
    """Three LSTMs, one above the other, as cells in one loop."""

    def __init__(self, hidden_size, every_step):
        super().__init__()
        self.loop = keras.layers.RNN(
            [keras.layers.LSTMCell(hidden_size) for _ in range(3)], return_sequences=every_step
        )

    def build(self, input_shape):
        self.loop.build(input_shape)
        self.built = True

    def call(self, inputs):
        return self.loop(inputs)


def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    model = keras.Sequential()
    model.add(keras.Input((input_timesteps, input_features_size)))
    model.add(SplitRows(input_timesteps, input_features_size))
    model.add(LSTMStack(hidden_size, every_step=False))
    model.add(keras.layers.Dense(num_classes))
    model.add(keras.layers.Softmax())
    if summary is True:
        model.summary()
    return model


# %% run_px_classification_experiment
def held_out_images():
    (images, labels), _ = keras.datasets.mnist.load_data()
    return tf.data.Dataset.from_tensor_slices((images[-500:, ..., np.newaxis], labels[-500:]))


def train_and_watch(model, train, validation, num_epochs):
    loss = keras.losses.SparseCategoricalCrossentropy()
    optimizer = keras.optimizers.RMSprop(learning_rate=1e-2)
    model.compile(optimizer=optimizer, loss=loss, metrics=["sparse_categorical_accuracy"])
    callbacks = []
    callbacks.append(keras.callbacks.ReduceLROnPlateau())
    callbacks.append(keras.callbacks.EarlyStopping(patience=5))
    callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs)))
    history = model.fit(train, epochs=num_epochs, validation_data=validation, callbacks=callbacks, verbose=0)
    return history


def run_px_classification_experiment(num_epochs=100):
    train, test = load_px_class_data(True)
    validation = held_out_images()
    validation = validation.map(normalize_img)
    validation = validation.map(resize_img)
    validation = validation.map(reshape_img)
    validation = validation.batch(512)
    model = build_classification_model(196, 1, 8, 10, summary=False)
    history = train_and_watch(model, train, validation, num_epochs)
    return model, history


# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    model = keras.Sequential()
    model.add(keras.Input((input_timesteps, input_features_size)))
    model.add(SplitRows(input_timesteps, input_features_size))
    model.add(LSTMStack(hidden_size, every_step=True))
    model.add(keras.layers.Dense(num_classes))
    model.add(keras.layers.Softmax(axis=-1))
    if summary is True:
        model.summary()
    return model


# %% run_row_classification_experiment
def run_row_classification_experiment(num_epochs=100):
    train, test = load_row_class_data(True)
    validation = held_out_images()
    validation = validation.map(normalize_img)
    validation = validation.map(resize_img)
    validation = validation.batch(512)
    model = build_classification_model(14, 14, 8, 10, summary=False)
    history = train_and_watch(model, train, validation, num_epochs)
    return model, history

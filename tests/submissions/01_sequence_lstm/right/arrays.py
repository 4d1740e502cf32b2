"""NumPy arrays to the end: data prepared as arrays, one tensorflow dataset at the last moment, validation by index."""
# %% build_augmentation_model
class RandomAffine(keras.layers.Layer):
    """One affine transformation (turn, then shift) by keras.ops.image, drawn for each image."""

    def call(self, images):
        images = keras.ops.convert_to_tensor(images, dtype="float32")
        single = len(images.shape) == 3
        batch = images[None] if single else images
        height, width = batch.shape[1:3]
        count = keras.ops.shape(batch)[0]
        angle = keras.random.uniform((count,), -0.628, 0.628)
        cos, sin = keras.ops.cos(angle), keras.ops.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        right = keras.random.uniform((count,), -0.2 * width, 0.2 * width)
        down = keras.random.uniform((count,), -0.2 * height, 0.2 * height)
        zeros = keras.ops.zeros_like(cos)
        rows = [cos, -sin, x - cos * x + sin * y + right, sin, cos, y - sin * x - cos * y + down, zeros, zeros]
        transforms = keras.ops.stack(rows, axis=1)
        moved = keras.ops.image.affine_transform(batch, transforms, fill_mode="constant", fill_value=0.0)
        return moved[0] if single else moved


def build_augmentation_model():
    return RandomAffine()


# %% resize_img
def resize_img(image, label):
    pooled = keras.ops.average_pool(keras.ops.cast(image, "float32")[None], pool_size=2)
    return pooled[0], label


# %% normalize_img
def normalize_img(image, label):
    return keras.layers.Rescaling(1.0 / 255)(image), label


# %% load_row_class_data
def prepared(images, labels):
    images = images.reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4)) / 255
    return tf.data.Dataset.from_tensor_slices((images.astype("float32"), labels.astype("int64")))


def load_row_class_data(augment=True):
    data = utils.data.load("mnist")
    count = len(data.train.labels) * 11 // 12
    train = prepared(data.train.images[:count], data.train.labels[:count])
    train = train.shuffle(count, seed=5, reshuffle_each_iteration=False).batch(512)
    if augment:
        train = train.map(lambda images, labels: (build_augmentation_model()(images), labels))
    return train, prepared(data.test.images[-1000:], data.test.labels[-1000:]).batch(512)


# %% load_px_class_data
def load_px_class_data(augment=True):
    return [
        dataset.unbatch().map(lambda image, label: reshape_img(image, label)).batch(512)
        for dataset in load_row_class_data(augment)
    ]


# %% run_px_classification_experiment
def run_px_classification_experiment(num_epochs=100):
    train, _ = load_px_class_data(augment=True)
    held_out = [(images.numpy(), labels.numpy()) for images, labels in train.take(1)][0]
    data = tf.data.Dataset.from_generator(
        lambda: iter(train.skip(1)),
        output_signature=(tf.TensorSpec((None, 196, 1), tf.float32), tf.TensorSpec((None,), tf.int64)),
    )
    model = build_classification_model(196, 1, 8, 10, summary=False)
    model.compile(keras.optimizers.RMSprop(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        data,
        epochs=num_epochs,
        validation_data=held_out,
        callbacks=[keras.callbacks.ReduceLROnPlateau(patience=2), keras.callbacks.EarlyStopping(patience=4)],
    )
    return model, history

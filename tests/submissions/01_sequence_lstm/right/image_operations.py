"""Augmentation by padding and cropping, then a turn about the middle, nearest neighbour; images resized by area."""
# %% build_augmentation_model
def turn_matrix(angle, size):
    middle = (size - 1) / 2
    cos, sin = tf.cos(angle), tf.sin(angle)
    return [cos, -sin, middle - cos * middle + sin * middle, sin, cos, middle - sin * middle - cos * middle, 0.0, 0.0]


def augment_one(image):
    size = image.shape[0]
    margin = int(0.2 * size)
    padded = tf.pad(image, [[margin, margin], [margin, margin], [0, 0]])
    moved = tf.image.random_crop(padded, image.shape)
    angle = tf.random.uniform((), -np.pi / 5, np.pi / 5)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=moved[None],
        transforms=[turn_matrix(angle, size)],
        output_shape=image.shape[:2],
        fill_value=0.0,
        interpolation="NEAREST",
    )[0]


def augment_images(images, training=True):
    if not training:
        return images
    if images.shape.rank == 3:
        return tf.ensure_shape(augment_one(images), images.shape)
    return tf.map_fn(augment_one, images)


def build_augmentation_model():
    return augment_images


# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14), method=tf.image.ResizeMethod.AREA), label


# %% normalize_img
def normalize_img(image, label):
    if image.dtype == tf.uint8:
        return tf.image.convert_image_dtype(image, tf.float32), label
    return tf.multiply(tf.cast(image, tf.float32), 1 / 255), label


# %% load_row_class_data
import tensorflow_datasets as tfds


def load_row_class_data(augment=True):
    data = tfds.load("mnist", as_supervised=True)
    train = data["train"].skip(1000)
    if augment:
        train = train.map(lambda image, label: (augment_images(tf.cast(image, tf.float32)), label))
    prepare = lambda image, label: normalize_img(*resize_img(image, label))
    return train.map(prepare).batch(512), data["test"].take(1000).map(prepare).batch(512)


# %% run_px_classification_experiment
def first_thousand():
    data = tfds.load("mnist", split="train", as_supervised=True).take(1000)
    return data.map(resize_img).map(normalize_img)


def run_px_classification_experiment(num_epochs=100):
    train, _ = load_px_class_data()
    model = build_classification_model(196, 1, 10, 10, summary=False)
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=1e-2),
        loss=keras.losses.sparse_categorical_crossentropy,
        metrics=[keras.metrics.sparse_categorical_accuracy],
    )
    history = keras.callbacks.History()
    model.fit(
        train.prefetch(2),
        validation_data=first_thousand().map(reshape_img).batch(100),
        epochs=num_epochs,
        callbacks=[
            history,
            keras.callbacks.EarlyStopping("val_loss", min_delta=1e-3, patience=12),
            keras.callbacks.ReduceLROnPlateau("val_loss", min_delta=1e-3, patience=4, cooldown=2),
        ],
    )
    return model, history


# %% run_row_classification_experiment
def run_row_classification_experiment(num_epochs=100):
    train, test = load_row_class_data()
    model = build_classification_model(14, 14, 10, 10, summary=False)
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=1e-2),
        loss=keras.losses.sparse_categorical_crossentropy,
        metrics=[keras.metrics.sparse_categorical_accuracy],
    )
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", min_delta=1e-3, patience=12),
        keras.callbacks.ReduceLROnPlateau("val_loss", min_delta=1e-3, patience=4, cooldown=2),
    ]
    history = model.fit(train, validation_data=first_thousand().batch(100), epochs=num_epochs, callbacks=callbacks)
    model.evaluate(test.take(1))
    return model, history

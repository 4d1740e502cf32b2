"""The obvious answer: Keras's layers in Sequential models, tf.data, validation images cut off by tfds."""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0.0),
        ]
    )


# %% resize_img
def resize_img(image, label):
    return tf.image.resize(image, (14, 14)), label


# %% normalize_img
def normalize_img(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


# %% load_row_class_data
import tensorflow_datasets as tfds


def load_row_class_data(augment=True):
    train, test = tfds.load("mnist", split=["train[:90%]", "test[:1000]"], as_supervised=True)
    train = train.map(normalize_img)
    if augment:
        augmentation = build_augmentation_model()
        train = train.map(lambda image, label: (augmentation(image, training=True), label))
    train = train.map(resize_img).shuffle(2000).batch(512)
    test = test.map(normalize_img).map(resize_img).batch(512)
    return train, test


# %% reshape_img
def reshape_img(image, label):
    return tf.reshape(image, (196, 1)), label


# %% load_px_class_data
def load_px_class_data(augment=True):
    train, test = load_row_class_data(augment)
    train = train.unbatch().map(reshape_img).batch(512)
    test = test.unbatch().map(reshape_img).batch(512)
    return train, test


# %% build_classification_model
def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
    if summary:
        model.summary()
    return model


# %% run_px_classification_experiment
def validation_images():
    validation = tfds.load("mnist", split="train[90%:]", as_supervised=True)
    return validation.map(normalize_img).map(resize_img)


def run_px_classification_experiment(num_epochs=100):
    train, test = load_px_class_data()
    model = build_classification_model(196, 1, 8, 10)
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-2),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        train,
        validation_data=validation_images().map(reshape_img).batch(512),
        epochs=num_epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(patience=3, factor=0.5),
            keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True),
        ],
    )
    model.evaluate(test)
    return model, history


# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    model = keras.Sequential(
        [
            keras.Input((input_timesteps, input_features_size)),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.LSTM(hidden_size, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(num_classes, activation="softmax")),
        ]
    )
    if summary:
        model.summary()
    return model


# %% run_row_classification_experiment
def run_row_classification_experiment(num_epochs=100):
    train, test = load_row_class_data()
    model = build_classification_model(14, 14, 8, 10)
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-2),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        train,
        validation_data=validation_images().batch(512),
        epochs=num_epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(patience=3, factor=0.5),
            keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True),
        ],
    )
    model.evaluate(test)
    return model, history

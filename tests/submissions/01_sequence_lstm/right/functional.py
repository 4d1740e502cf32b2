"""Functional models and keras.ops; course_utils.data; validation from the training batches; bilinear with antialias."""
# %% build_augmentation_model
def build_augmentation_model():
    image = keras.Input((28, 28, 1))
    turned = keras.layers.RandomRotation((-0.1, 0.1), fill_mode="constant", interpolation="nearest")(image)
    moved = keras.layers.RandomTranslation((-0.2, 0.2), (-0.2, 0.2), fill_mode="constant")(turned)
    body = keras.Model(image, moved)

    def augment(images):
        single = len(images.shape) == 3
        result = body(keras.ops.expand_dims(images, 0) if single else images, training=True)
        return result[0] if single else result

    return augment


# %% resize_img
def resize_img(image, label):
    return keras.ops.image.resize(image, (14, 14), interpolation="bilinear", antialias=True), label


# %% normalize_img
def normalize_img(image, label):
    return keras.ops.cast(image, "float32") / 255, label


# %% load_row_class_data
def load_row_class_data(augment=True):
    images = utils.data.load("mnist")
    train, test = images.train.dataset().cache(), images.test.dataset().take(1000)
    if augment:
        change = build_augmentation_model()
        train = train.map(normalize_img).map(lambda image, label: (change(image), label)).map(resize_img)
    else:
        train = train.map(resize_img).map(normalize_img)
    return train.batch(512, drop_remainder=True), test.map(resize_img).map(normalize_img).batch(512).cache()


# %% reshape_img
def reshape_img(image, label):
    return keras.ops.reshape(image, (-1, 1)), label


# %% load_px_class_data
def load_px_class_data(augment=True):
    def flatten(images, labels):
        return keras.ops.reshape(images, (-1, 196, 1)), labels

    train, test = load_row_class_data(augment=augment)
    return train.map(flatten), test.map(flatten)


# %% build_classification_model
def read_sequence(sequence, timesteps, features, hidden, every_step):
    state = keras.layers.Reshape((timesteps, features))(sequence)
    state = keras.layers.LSTM(hidden, return_sequences=True)(state)
    state = keras.layers.LSTM(hidden, return_sequences=True)(state)
    return keras.layers.LSTM(hidden, return_sequences=every_step)(state)


def build_classification_model(input_timesteps, input_features_size, hidden_size, num_classes, summary=True):
    sequence = keras.Input((input_timesteps, input_features_size, 1))
    state = read_sequence(sequence, input_timesteps, input_features_size, hidden_size, False)
    scores = keras.layers.Dense(num_classes)(state)
    model = keras.Model(sequence, keras.ops.softmax(scores))
    if summary:
        model.summary()
    return model


# %% run_px_classification_experiment
def fit_with_callbacks(model, train, num_epochs):
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False),
        optimizer=keras.optimizers.RMSprop(learning_rate=0.01),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model.fit(
        train.skip(2),
        epochs=num_epochs,
        validation_data=train.take(2),
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=10),
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5, min_lr=1e-4),
        ],
    )


def run_px_classification_experiment(num_epochs=100):
    train, _ = load_px_class_data(augment=True)
    model = build_classification_model(
        input_timesteps=196, input_features_size=1, hidden_size=12, num_classes=10, summary=False
    )
    return model, fit_with_callbacks(model, train, num_epochs)


# %% build_continuous_classification_model
def build_continuous_classification_model(
    input_timesteps, input_features_size, hidden_size, num_classes, summary=True
):
    sequence = keras.Input((input_timesteps, input_features_size, 1))
    states = read_sequence(sequence, input_timesteps, input_features_size, hidden_size, True)
    model = keras.Model(sequence, keras.layers.Dense(num_classes, activation="softmax")(states))
    if summary:
        model.summary()
    return model


# %% run_row_classification_experiment
def run_row_classification_experiment(num_epochs=100):
    train, _ = load_row_class_data(augment=True)
    model = build_classification_model(
        input_timesteps=14, input_features_size=14, hidden_size=12, num_classes=10, summary=False
    )
    return model, fit_with_callbacks(model, train, num_epochs)

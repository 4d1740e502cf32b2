"""As short as it gets: lambdas and conditional expressions, nothing named that need not be."""
# %% build_augmentation_model
build_augmentation_model = lambda: keras.layers.Pipeline(
    [keras.layers.RandomTranslation(0.2, 0.2, "constant"), keras.layers.RandomRotation(0.1, "constant")]
)

# %% resize_img
resize_img = lambda image, label: (tf.image.resize(image, [14, 14], "nearest"), label)

# %% normalize_img
normalize_img = lambda image, label: (image / 255, label)

# %% load_row_class_data
import tensorflow_datasets as tfds


load_row_class_data = lambda augment=True: (
    tfds.load("mnist", split="train", as_supervised=True)
    .map(resize_img)
    .map(normalize_img)
    .batch(512)
    .map((lambda a: lambda x, y: (a(x), y))(build_augmentation_model()) if augment else lambda x, y: (x, y)),
    tfds.load("mnist", split="test[:1000]", as_supervised=True).map(resize_img).map(normalize_img).batch(512),
)

# %% reshape_img
reshape_img = lambda image, label: (keras.ops.reshape(image, (196, 1)), label)

# %% load_px_class_data
load_px_class_data = lambda augment=True: tuple(
    d.map(lambda x, y: (tf.reshape(x, (-1, 196, 1)), y)) for d in load_row_class_data(augment)
)

# %% build_classification_model
lstm_stack = lambda t, f, h, n, last: keras.Sequential(
    [keras.Input((t, f)), *(keras.layers.LSTM(h, return_sequences=r) for r in (True, True, last))]
    + [keras.layers.Dense(n, "softmax")]
)
build_classification_model = lambda input_timesteps, input_features_size, hidden_size, num_classes, summary=True: (
    lstm_stack(input_timesteps, input_features_size, hidden_size, num_classes, False)
)

# %% run_px_classification_experiment
fitted = lambda model, data, num_epochs: (
    model.compile(keras.optimizers.RMSprop(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"]),
    (
        model,
        model.fit(
            data.skip(1),
            epochs=num_epochs,
            validation_data=data.take(1),
            callbacks=[keras.callbacks.ReduceLROnPlateau(), keras.callbacks.EarlyStopping(patience=20)],
        ),
    ),
)[1]
run_px_classification_experiment = lambda num_epochs=100: fitted(
    build_classification_model(196, 1, 8, 10), load_px_class_data()[0], num_epochs
)

# %% build_continuous_classification_model
build_continuous_classification_model = (
    lambda input_timesteps, input_features_size, hidden_size, num_classes, summary=True: lstm_stack(
        input_timesteps, input_features_size, hidden_size, num_classes, True
    )
)

# %% run_row_classification_experiment
run_row_classification_experiment = lambda num_epochs=100: fitted(
    build_classification_model(14, 14, 8, 10), load_row_class_data()[0], num_epochs
)

"""Always 5 epochs.

Loses: run_row_classification_experiment
"""
# %% run_row_classification_experiment
def row_validation_images():
    _, validation, _ = load_splits()
    return validation.map(normalize_img).map(resize_img)


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
        validation_data=row_validation_images().batch(512),
        epochs=5,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(patience=3, factor=0.5),
            keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True),
        ],
    )
    model.evaluate(test)
    return model, history

"""Has 100 classes by default.

Loses: build_classifier
"""
# %% build_classifier
def build_classifier(num_classes=100):
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(48, activation="relu"),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )

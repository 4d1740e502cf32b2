"""What leaves on one side comes back on the other.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="wrap"),
            keras.layers.RandomRotation(0.1, fill_mode="wrap"),
        ]
    )

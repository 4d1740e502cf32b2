"""What a shift uncovers is filled with the nearest pixel.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            keras.layers.RandomRotation(0.1, fill_mode="nearest"),
        ]
    )

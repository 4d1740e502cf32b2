"""Adds mirror images, which are no digits any more.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0.0),
        ]
    )

"""Rotates one way only: the factor is given as a range from 0.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation((0.0, 0.1), fill_mode="constant", fill_value=0.0),
        ]
    )

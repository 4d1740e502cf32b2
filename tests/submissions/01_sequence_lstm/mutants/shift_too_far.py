"""Shifts by up to 40 %.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.4, 0.4, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0.0),
        ]
    )

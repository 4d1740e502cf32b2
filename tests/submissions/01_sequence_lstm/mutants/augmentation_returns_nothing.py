"""Builds the layers and forgets to return them.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    model = keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0.0),
        ]
    )

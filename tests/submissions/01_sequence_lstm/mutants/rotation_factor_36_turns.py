"""RandomRotation(36): the factor is a part of a full turn, not degrees or radians.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0),
            keras.layers.RandomRotation(36, fill_mode="constant", fill_value=0.0),
        ]
    )

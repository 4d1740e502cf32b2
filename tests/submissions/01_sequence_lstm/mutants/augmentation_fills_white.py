"""What a shift uncovers is filled with 1.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=1.0),
            keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=1.0),
        ]
    )

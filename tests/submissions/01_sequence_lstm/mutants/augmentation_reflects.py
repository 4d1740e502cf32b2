"""What a shift uncovers is filled with a mirror image: Keras's fill mode is left at its default.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    return keras.Sequential(
        [
            keras.layers.RandomTranslation(0.2, 0.2),
            keras.layers.RandomRotation(0.1),
        ]
    )

"""Draws one shift and one rotation when it is built and uses them ever after.

Loses: build_augmentation_model
"""
# %% build_augmentation_model
def build_augmentation_model():
    down, right, turn = np.random.uniform(-0.2, 0.2), np.random.uniform(-0.2, 0.2), np.random.uniform(-0.1, 0.1)
    return keras.Sequential(
        [
            keras.layers.RandomTranslation((down, down), (right, right), fill_mode="constant"),
            keras.layers.RandomRotation((turn, turn), fill_mode="constant"),
        ]
    )

"""Divides floats in [0, 1] by 255 as well.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if True:
        images = images / 255
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.asarray(encoder(images.astype("float32"), training=False))

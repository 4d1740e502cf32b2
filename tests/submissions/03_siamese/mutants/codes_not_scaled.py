"""Forgets to scale uint8.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        pass
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.asarray(encoder(images.astype("float32"), training=False))

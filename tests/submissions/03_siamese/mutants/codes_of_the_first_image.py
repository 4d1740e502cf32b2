"""Gives the first image's code to all.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images / 255
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.asarray(encoder(images.astype("float32"), training=False))[:1].repeat(len(images), axis=0)

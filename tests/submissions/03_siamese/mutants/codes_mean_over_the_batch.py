"""Gives one code for the whole batch.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images / 255
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.mean(encoder(images.astype("float32"), training=False), axis=0)

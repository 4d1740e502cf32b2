"""Builds a new classifier in place of the one that is given.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images / 255
    model = build_classifier(80)
    encoder = keras.Model(model.inputs, model.layers[-2].output)
    return np.asarray(encoder(images.astype("float32"), training=False))

"""Takes the first layer's output.

Loses: neural_codes
"""
# %% neural_codes
def neural_codes(model, images):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        images = images / 255
    first = next(layer for layer in model.layers if layer.get_weights())
    features = keras.layers.GlobalAveragePooling2D()(first.output)
    encoder = keras.Model(model.inputs, features)
    return np.asarray(encoder(images.astype("float32"), training=False))

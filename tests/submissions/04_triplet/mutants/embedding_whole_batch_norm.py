"""Divides by the norm of the whole batch.

Loses: build_embedding_network
"""
# %% build_embedding_network
def build_embedding_network(input_shape):
    images = keras.Input(input_shape)
    features = images
    for filters, width, stride in ((32, 5, 2), (64, 3, 1), (128, 3, 1), (128, 3, 1)):
        if filters == 128:
            features = keras.layers.MaxPooling2D(2, padding="same")(features)
        features = keras.layers.Conv2D(filters, width, stride, padding="same", use_bias=False)(features)
        features = keras.layers.BatchNormalization()(features)
        features = keras.layers.ReLU()(features)
    features = keras.layers.Dense(64, use_bias=False)(keras.layers.Flatten()(features))
    features = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)(features)
    return keras.Model(images, features * keras.ops.rsqrt(keras.ops.sum(keras.ops.square(features)) + 1e-6))

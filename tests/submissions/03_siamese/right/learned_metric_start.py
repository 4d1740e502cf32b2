"""A head that starts as a distance: negative weights, and a bias of its own; grouped normalisation."""
# %% build_siamese_network
def build_siamese_network(input_shape):
    layers = [keras.Input(input_shape)]
    for filters in (16, 32, 64):
        layers += [
            keras.layers.SeparableConv2D(filters, 3, padding="same"),
            keras.layers.GroupNormalization(4),
            keras.layers.Activation("swish"),
            keras.layers.MaxPooling2D(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.1), keras.layers.Dense(40)]
    encoder = keras.Sequential(layers)
    left, right = keras.Input(input_shape), keras.Input(input_shape)
    start = keras.initializers.Constant(-0.1)
    head = keras.layers.Dense(1, "sigmoid", kernel_initializer=start, bias_initializer=keras.initializers.Constant(1.0))
    return keras.Model((left, right), head(keras.ops.absolute(encoder(left) - encoder(right))))

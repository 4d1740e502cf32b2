"""Gives two probabilities for each pair.

Loses: build_siamese_network
"""
# %% build_siamese_network
def build_siamese_network(input_shape):
    encoder = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(32),
        ]
    )
    left, right = keras.Input(input_shape), keras.Input(input_shape)
    a, b = encoder(left), encoder(right)
    difference = keras.ops.abs(a - b)
    return keras.Model([left, right], keras.layers.Dense(2, activation="softmax")(difference))

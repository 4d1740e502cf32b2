"""Adds a layer of its own.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    codes = keras.layers.Concatenate()([embedding(triplets[:, part]) for part in range(3)])
    return keras.Model(triplets, keras.layers.Dense(3 * size, kernel_initializer="identity")(codes))

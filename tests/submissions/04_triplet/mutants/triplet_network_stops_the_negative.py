"""Stops the gradient everywhere.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    codes = keras.layers.Concatenate()([embedding(triplets[:, part]) for part in range(3)])
    return keras.Model(triplets, keras.ops.stop_gradient(codes))

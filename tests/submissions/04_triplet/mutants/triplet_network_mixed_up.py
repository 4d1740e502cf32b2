"""Reshapes the embeddings in the wrong order.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    codes = keras.layers.Concatenate()([embedding(triplets[:, part]) for part in range(3)])
    mixed = keras.ops.transpose(keras.ops.reshape(codes, (-1, 3, size)), (0, 2, 1))
    return keras.Model(triplets, keras.ops.reshape(mixed, (-1, 3 * size)))

"""Freezes the embedding network.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    embedding.trainable = False
    return keras.Model(triplets, keras.layers.Concatenate()([embedding(triplets[:, part]) for part in range(3)]))

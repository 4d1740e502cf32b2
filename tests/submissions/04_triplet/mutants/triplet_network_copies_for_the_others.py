"""Embeds positive and negative by a copy.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    copy = keras.models.clone_model(embedding)
    copy.set_weights(embedding.get_weights())
    return keras.Model(triplets, keras.layers.Concatenate()([embedding(triplets[:, 0]), copy(triplets[:, 1]), copy(triplets[:, 2])]))

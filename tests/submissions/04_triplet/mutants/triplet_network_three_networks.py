"""Embeds by three networks that share nothing.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    copies = [keras.models.clone_model(embedding) for _ in range(3)]
    for copy in copies:
        copy.set_weights(embedding.get_weights())
    return keras.Model(triplets, keras.layers.Concatenate()([copy(triplets[:, part]) for part, copy in enumerate(copies)]))

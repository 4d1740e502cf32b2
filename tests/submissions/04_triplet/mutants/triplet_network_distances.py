"""Gives the distances instead of the embeddings.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    image_shape, size = embedding.input_shape[1:], embedding.output_shape[-1]
    triplets = keras.Input((3, *image_shape))
    a, p, n = (embedding(triplets[:, part]) for part in range(3))
    distances = [keras.ops.sum(keras.ops.square(a - other), axis=-1, keepdims=True) for other in (p, n)]
    return keras.Model(triplets, keras.layers.Concatenate()(distances))

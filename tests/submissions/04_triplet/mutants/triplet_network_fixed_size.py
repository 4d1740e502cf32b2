"""Takes 28x28 images only.

Loses: build_triplet_network
"""
# %% build_triplet_network
def build_triplet_network(embedding):
    triplets = keras.Input((3, 28, 28, 1))
    return keras.Model(triplets, keras.layers.Concatenate()([embedding(triplets[:, part]) for part in range(3)]))

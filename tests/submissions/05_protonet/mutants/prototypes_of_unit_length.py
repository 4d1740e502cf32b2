"""Prototypes of unit length.

Loses: prototypes
"""
# %% prototypes
def prototypes(support_embeddings):
    return keras.ops.normalize(keras.ops.mean(support_embeddings, axis=1), axis=-1)

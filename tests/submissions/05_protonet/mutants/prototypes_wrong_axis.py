"""The mean over classes.

Loses: prototypes
"""
# %% prototypes
def prototypes(support_embeddings):
    return keras.ops.mean(support_embeddings, axis=0)

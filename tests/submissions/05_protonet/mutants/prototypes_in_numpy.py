"""The mean in NumPy: no gradients pass.

Loses: prototypes
"""
# %% prototypes
def prototypes(support_embeddings):
    return np.mean(np.array(support_embeddings), axis=1)

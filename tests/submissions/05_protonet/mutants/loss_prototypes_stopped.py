"""No gradients pass to the prototypes.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)
# +    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), keras.ops.stop_gradient(prototypes))

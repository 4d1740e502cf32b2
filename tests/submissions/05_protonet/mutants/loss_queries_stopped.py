"""No gradients pass to the queries.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)
# +    logits = -squared_distances(keras.ops.stop_gradient(keras.ops.reshape(query_embeddings, (way * query, D))), prototypes)

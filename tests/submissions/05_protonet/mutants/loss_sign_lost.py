"""The distances themselves are logits.

Loses: prototypical_loss
"""
# %% prototypical_loss, edited
# -    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)
# +    logits = squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)

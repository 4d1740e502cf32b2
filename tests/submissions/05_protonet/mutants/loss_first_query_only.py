"""The first query of each class alone.

Loses: prototypical_loss
"""
# %% prototypical_loss
def prototypical_loss(query_embeddings, prototypes):
    query_embeddings = query_embeddings[:, :1]
    way, query, D = query_embeddings.shape
    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)
    labels = keras.ops.repeat(keras.ops.arange(way), query)
    loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
    accuracy = keras.ops.mean(keras.ops.cast(keras.ops.equal(keras.ops.argmax(logits, -1), labels), "float32"))
    return loss, accuracy

"""Exponentials by hand: nothing is left of them at large distances.

Loses: prototypical_loss
"""
# %% prototypical_loss
def prototypical_loss(query_embeddings, prototypes):
    way, query, D = query_embeddings.shape
    logits = -squared_distances(keras.ops.reshape(query_embeddings, (way * query, D)), prototypes)
    labels = keras.ops.repeat(keras.ops.arange(way), query)
    powers = keras.ops.exp(logits)
    loss = keras.ops.mean(keras.ops.log(keras.ops.sum(powers, -1)) - keras.ops.take_along_axis(logits, labels[:, None], axis=1)[:, 0])
    accuracy = keras.ops.mean(keras.ops.cast(keras.ops.equal(keras.ops.argmax(logits, -1), labels), "float32"))
    return loss, accuracy

"""Distances by einsum, the loss from softmax's logarithm; a training step that embeds support and queries apart."""
# %% squared_distances
def squared_distances(queries, prototypes):
    mixed = tf.einsum("qd,wd->qw", queries, prototypes)
    own = tf.einsum("qd,qd->q", queries, queries)[:, None]
    return own - 2.0 * mixed + tf.einsum("wd,wd->w", prototypes, prototypes)


# %% prototypical_loss
def prototypical_loss(query_embeddings, prototypes):
    way, query = query_embeddings.shape[:2]
    distances = squared_distances(tf.reshape(query_embeddings, (way * query, -1)), prototypes)
    log_probabilities = tf.reshape(tf.nn.log_softmax(-distances), (way, query, way))
    labels = tf.eye(way)[:, None]
    right = tf.argmax(log_probabilities, -1) == tf.range(way, dtype=tf.int64)[:, None]
    return -tf.reduce_mean(tf.reduce_sum(labels * log_probabilities, -1)), tf.reduce_mean(tf.cast(right, tf.float32))


# %% train
def train(encoder, images, way, shot, query, episodes, rng, learning_rate=1e-3):
    optimizer = keras.optimizers.Adam(learning_rate=learning_rate)

    def embed(part):
        return tf.reshape(encoder(tf.reshape(part, (-1, 28, 28, 1)), training=True), (*part.shape[:2], -1))

    losses = []
    for _ in range(episodes):
        support, queries = sample_episode(images, way, shot, query, rng)
        with tf.GradientTape() as tape:
            loss, _ = prototypical_loss(embed(queries), prototypes(embed(support)))
        optimizer.apply(tape.gradient(loss, encoder.trainable_weights), encoder.trainable_weights)
        losses.append(loss.numpy().item())
    return losses

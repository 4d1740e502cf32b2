"""Keras operations all through; the training set is embedded in halves of an episode; labels by index arithmetic."""
# %% sample_episode
def sample_episode(images, way, shot, query, rng):
    drawn = utils.episodes.sample_episodes(images, way, shot, query, 1, rng)
    return drawn.support[0, ..., None], drawn.query[0, ..., None]


# %% prototypes
def prototypes(support_embeddings):
    return keras.layers.AveragePooling1D(support_embeddings.shape[1])(support_embeddings)[:, 0]


# %% squared_distances
def squared_distances(queries, prototypes):
    differences = queries[:, None, :] - prototypes[None, :, :]
    return keras.ops.matmul(differences[..., None, :], differences[..., :, None])[..., 0, 0]


# %% train
def train(encoder, images, way, shot, query, episodes, rng, learning_rate=1e-3):
    optimizer, losses = keras.optimizers.Adam(learning_rate), []
    for _ in range(episodes):
        support, queries = sample_episode(images, way, shot, query, rng)
        with tf.GradientTape() as tape:
            first = encoder(np.concatenate([part.reshape(-1, 28, 28, 1) for part in (support, queries)]), training=True)
            centres = prototypes(keras.ops.reshape(first[: way * shot], (way, shot, -1)))
            loss, _ = prototypical_loss(keras.ops.reshape(first[way * shot :], (way, query, -1)), centres)
        gradients = tape.gradient(loss, encoder.trainable_variables)
        optimizer.apply(gradients, encoder.trainable_variables)
        losses.append(float(loss))
    return losses

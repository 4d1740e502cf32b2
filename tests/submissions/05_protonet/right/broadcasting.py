"""Broadcasting with TensorFlow; episodes of a training drawn by the course's own helper; evaluation without a loop."""
# %% sample_episode
def sample_episode(images, way, shot, query, rng):
    if images.shape[0] < way or images.shape[1] < shot + query:
        raise ValueError(f"{way} classes with {shot + query} drawings wanted, {images.shape[:2]} are there")
    classes = rng.permutation(images.shape[0])[:way]
    drawings = rng.permuted(np.tile(np.arange(images.shape[1]), (way, 1)), axis=1)[:, : shot + query]
    episode = (images[classes[:, np.newaxis], drawings] / 255).astype(np.float32)[..., np.newaxis]
    return tuple(np.split(episode, [shot], axis=1))


# %% prototypes
def prototypes(support_embeddings):
    return tf.reduce_sum(support_embeddings, 1) / support_embeddings.shape[1]


# %% squared_distances
def squared_distances(queries, prototypes):
    return tf.reduce_sum(tf.square(queries[:, tf.newaxis] - prototypes[tf.newaxis]), -1)


# %% train
def train(encoder, images, way, shot, query, episodes, rng, learning_rate=1e-3):
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(encoder.trainable_variables)

    @tf.function(jit_compile=False)
    def step(batch):
        with tf.GradientTape() as tape:
            embedded = tf.reshape(encoder(batch, training=True), (way, shot + query, -1))
            loss, accuracy = prototypical_loss(embedded[:, shot:], prototypes(embedded[:, :shot]))
        optimizer.apply_gradients(zip(tape.gradient(loss, encoder.trainable_variables), encoder.trainable_variables))
        return loss

    drawn = utils.episodes.sample_episodes(images, way, shot, query, episodes, rng)
    flat = drawn.images.reshape(episodes, -1, 28, 28, 1)
    return [float(step(as_floats(episode))) for episode in flat]


# %% evaluate
def evaluate(encoder, images, way, shot, rng, query=5, episodes=1000):
    check_size(*images.shape[:2], way, shot + query)
    embedded = encoder.predict(as_floats(images).reshape(-1, 28, 28, 1), batch_size=256, verbose=0)
    embedded = embedded.reshape(*images.shape[:2], -1)
    classes = distinct_numbers(len(images), way, (episodes,), rng)
    drawings = distinct_numbers(images.shape[1], shot + query, (episodes, way), rng)
    chosen = embedded[classes[..., None], drawings]  # (episodes, way, shot + query, D)
    means = chosen[:, :, :shot].mean(axis=2)
    queries = chosen[:, :, shot:].reshape(episodes, way * query, -1)
    scores = 2 * queries @ means.swapaxes(1, 2) - (means**2).sum(-1)[:, None]
    right = scores.argmax(-1) == np.repeat(np.arange(way), query)
    return utils.evaluation.Accuracy.of_episodes(right.mean(-1), protocol=f"{way}-way {shot}-shot", split="test")

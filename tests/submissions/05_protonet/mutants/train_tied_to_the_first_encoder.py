"""Compiled once, for the first encoder.

Loses: train
"""
# %% train
FIRST = []


def train(encoder, images, way, shot, query, episodes, rng, learning_rate=1e-3):
    FIRST.append(encoder)
    encoder = FIRST[0]
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(encoder.trainable_variables)

    @tf.function
    def step(support, queries):
        together = keras.ops.concatenate([support, queries], axis=1)  # (way, shot + query, 28, 28, 1)
        with tf.GradientTape() as tape:
            embeddings = encoder(keras.ops.reshape(together, (-1, *together.shape[2:])), training=True)
            embeddings = keras.ops.reshape(embeddings, (way, shot + query, -1))
            loss, accuracy = prototypical_loss(embeddings[:, shot:], prototypes(embeddings[:, :shot]))
        gradients = tape.gradient(loss, encoder.trainable_variables)
        optimizer.apply_gradients(zip(gradients, encoder.trainable_variables, strict=True))
        return loss, accuracy

    progress = keras.utils.Progbar(episodes)
    losses = []
    for number in range(episodes):
        loss, accuracy = step(*sample_episode(images, way, shot, query, rng))
        losses.append(float(loss))
        progress.update(number + 1, [("loss", losses[-1]), ("accuracy", float(accuracy))])
    return losses

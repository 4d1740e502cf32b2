"""Embeds the images of each episode anew.

Loses: evaluate
"""
# %% evaluate
def evaluate(encoder, images, way, shot, rng, query=5, episodes=1000):
    check_size(images.shape[0], images.shape[1], way, shot + query)
    flat = images.reshape(-1, *images.shape[2:], 1)
    embed = tf.function(lambda batch: encoder(batch, training=False), reduce_retracing=True)
    embeddings = np.concatenate([embed(as_floats(flat[start : start + 500])) for start in range(0, len(flat), 500)])
    embeddings = embeddings.reshape(*images.shape[:2], -1)

    classes = distinct_numbers(images.shape[0], way, (episodes,), rng)
    drawings = distinct_numbers(images.shape[1], shot + query, (episodes, way), rng)
    embedded = tf.function(lambda x: encoder(x, training=False))
    judge = tf.function(lambda chosen: prototypical_loss(chosen[:, shot:], prototypes(chosen[:, :shot]))[1])
    chosen = (np.array(embedded(as_floats(images[classes[number][:, None], drawings[number]]).reshape(-1, 28, 28, 1))).reshape(way, shot + query, -1) for number in range(episodes))
    accuracies = [float(judge(episode)) for episode in chosen]
    protocol = f"{way}-way {shot}-shot, unstructured, not transductive"
    return Accuracy.of_episodes(accuracies, protocol=protocol, split="the characters given")

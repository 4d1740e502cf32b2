"""A subclassed encoder; a compiled step made by a helper; a t interval in the audit."""
# %% build_encoder
class Encoder(keras.Model):
    def __init__(self):
        super().__init__()
        self.stages = []
        for _ in range(4):
            self.stages += [keras.layers.Conv2D(64, 3, padding="same"), keras.layers.BatchNormalization()]

    def call(self, x, training=None):
        for convolution, normalisation in zip(self.stages[::2], self.stages[1::2]):
            x = tf.nn.relu(normalisation(convolution(x), training=training))
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        return keras.ops.reshape(x, (-1, x.shape[1] * x.shape[2] * 64))


def build_encoder(input_shape=(28, 28, 1)):
    encoder = Encoder()
    encoder(np.zeros((1, *input_shape), "float32"))
    return encoder


# %% train
def make_step(encoder, optimizer, way, shot):
    @tf.function
    def step(support, queries):
        count = way * shot
        batch = tf.concat([tf.reshape(support, (-1, 28, 28, 1)), tf.reshape(queries, (-1, 28, 28, 1))], 0)
        with tf.GradientTape() as tape:
            codes = encoder(batch, training=True)
            size = codes.shape[-1]
            centres = prototypes(tf.reshape(codes[:count], (way, shot, size)))
            loss, _ = prototypical_loss(tf.reshape(codes[count:], (way, -1, size)), centres)
        variables = encoder.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    return step


def train(encoder, images, way, shot, query, episodes, rng, learning_rate=1e-3):
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(encoder.trainable_variables)
    step = make_step(encoder, optimizer, way, shot)
    losses = np.zeros(episodes)
    for number in range(episodes):
        losses[number] = step(*map(tf.constant, sample_episode(images, way, shot, query, rng)))
    return losses.tolist()


# %% prototypical_loss
def prototypical_loss(query_embeddings, prototypes):
    way, query, _ = query_embeddings.shape
    distances = tf.stack([squared_distances(queries, prototypes) for queries in tf.unstack(query_embeddings)])
    labels = tf.one_hot(tf.repeat(tf.range(way)[:, None], query, axis=1), way)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)(labels, -distances)
    hits = keras.metrics.categorical_accuracy(labels, -distances)
    return loss, keras.ops.mean(hits)


# %% evaluate
def evaluate(encoder, images, way, shot, rng, query=5, episodes=1000):
    embedded = []
    for drawings in images:
        embedded.append(keras.ops.convert_to_numpy(encoder(drawings[..., None].astype("float32") / 255)))
    embedded = np.stack(embedded)
    accuracies = np.empty(episodes)
    for number in range(episodes):
        classes = distinct_numbers(len(images), way, (), rng)
        drawings = distinct_numbers(images.shape[1], shot + query, (way,), rng)
        chosen = tf.constant(embedded[classes[:, None], drawings])
        accuracies[number] = prototypical_loss(chosen[:, shot:], prototypes(chosen[:, :shot]))[1]
    return Accuracy.of_episodes(accuracies, protocol=f"{way}-way {shot}-shot, inductive", split="given")


# %% audit
def audit(report):
    from scipy import special, stats

    difference = np.array(report["prototypes"]) - report["query"]
    distances = np.sum(difference * difference, axis=1)
    validation = {name: both[0] for name, both in report["variants"].items()}
    chosen = max(validation, key=validation.get)
    values = np.array(report["episodes"])
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    protocol = {f["name"]: (f["way"], f["shot"], f["within_alphabet"], f["transductive"]) for f in report["figures"]}
    mine = protocol.pop(report["own"])
    return {
        "distances": distances.tolist(),
        "loss": distances[report["label"]] + special.logsumexp(-distances),
        "chosen": chosen,
        "test_accuracy": report["variants"][chosen][1],
        "accuracy": (values.mean(), low, high),
        "comparable": [name for name, other in protocol.items() if other == mine],
    }

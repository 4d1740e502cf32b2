"""The obvious answer: loops over images with NumPy's choice, LSTM layers, an eager experiment."""
# %% DataGenerator
class DataGenerator:
    def __init__(self, num_classes, num_samples_per_class, config={}):
        self.num_classes = num_classes
        self.num_samples_per_class = num_samples_per_class
        if "images" in config:
            characters = utils.data.Characters.of(np.asarray(config["images"]))
        elif "data_folder" in config:
            characters = utils.data.read_characters(config["data_folder"])
        else:
            characters = utils.data.load_omniglot()
        self.splits = utils.data.split_characters(characters)
        self.rng = np.random.default_rng(config.get("seed"))

    def sample_batch(self, batch_type, batch_size):
        data = self.splits[batch_type].images
        N, S = self.num_classes, self.num_samples_per_class
        images = np.zeros((batch_size, S, N, 784), "float32")
        labels = np.zeros((batch_size, S, N, N), "float32")
        for b in range(batch_size):
            classes = self.rng.choice(len(data), N, replace=False)
            for place, number in enumerate(classes):
                drawings = self.rng.choice(data.shape[1], S, replace=False)
                images[b, :, place] = data[number, drawings].reshape(S, 784) / 255.0
                labels[b, :, place, place] = 1
            order = self.rng.permutation(N)
            images[b, -1] = images[b, -1, order]
            labels[b, -1] = labels[b, -1, order]
        return images, labels


# %% MANN
class MANN(keras.Model):
    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.num_classes = num_classes
        self.samples_per_class = samples_per_class
        self.lstm = keras.layers.LSTM(128, return_sequences=True)
        self.answer = keras.layers.Dense(num_classes)

    def call(self, input_images, input_labels):
        N, S = self.num_classes, self.samples_per_class
        hidden = tf.concat([input_labels[:, :-1], tf.zeros_like(input_labels[:, -1:])], axis=1)
        steps = tf.concat([input_images, hidden], axis=-1)
        steps = tf.reshape(steps, (-1, S * N, 784 + N))
        return tf.reshape(self.answer(self.lstm(steps)), (-1, S, N, N))

    def loss_function(self, preds, labels):
        losses = tf.nn.softmax_cross_entropy_with_logits(labels[:, -1], preds[:, -1])
        return tf.reduce_mean(losses)


# %% train_step
def train_step(images, labels, model, optim, eval=False):
    with tf.GradientTape() as tape:
        predictions = model(images, labels, training=not eval)
        loss = model.loss_function(predictions, labels)
    if not eval:
        gradients = tape.gradient(loss, model.trainable_variables)
        optim.apply_gradients(zip(gradients, model.trainable_variables))
    return predictions, loss


# %% run_experiment
def run_experiment(num_classes, num_samples, meta_batch_size, num_steps, seed, eval_every=100):
    keras.utils.set_random_seed(seed)
    generator = DataGenerator(num_classes, num_samples + 1, {"seed": seed})
    model = MANN(num_classes, num_samples + 1)
    optim = keras.optimizers.Adam(1e-3)
    curve = []
    for step in range(1, num_steps + 1):
        images, labels = generator.sample_batch("train", meta_batch_size)
        train_step(images, labels, model, optim)
        if step % eval_every == 0 or step == num_steps:
            images, labels = generator.sample_batch("test", 50)
            predictions, _ = train_step(images, labels, model, optim, eval=True)
            right = np.argmax(predictions[:, -1], -1) == labels[:, -1].argmax(-1)
            accuracy = utils.evaluation.Accuracy.of_episodes(right.mean(-1), protocol="episodes", split="test")
            curve.append((step, accuracy))
    return model, curve


# %% StackedMANN
class StackedMANN(keras.Model):
    def __init__(self, num_classes, samples_per_class, num_layers):
        super().__init__()
        self.N, self.S = num_classes, samples_per_class
        self.lstms = [keras.layers.LSTM(128, return_sequences=True) for _ in range(num_layers)]
        self.answer = keras.layers.Dense(num_classes)

    def call(self, input_images, input_labels):
        hidden = tf.concat([input_labels[:, :-1], tf.zeros_like(input_labels[:, -1:])], axis=1)
        steps = tf.reshape(tf.concat([input_images, hidden], axis=-1), (-1, self.S * self.N, 784 + self.N))
        for lstm in self.lstms:
            steps = lstm(steps)
        return tf.reshape(self.answer(steps), (-1, self.S, self.N, self.N))

    def loss_function(self, preds, labels):
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels[:, -1], preds[:, -1]))

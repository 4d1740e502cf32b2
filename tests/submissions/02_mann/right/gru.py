"""A GRU body, and a second recurrent layer whose output is not squashed; a mask made with NumPy in float32."""
# %% MANN
class MANN(keras.Model):
    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.num_classes = num_classes
        self.samples_per_class = samples_per_class
        self.first = keras.layers.GRU(96, return_sequences=True)
        self.second = keras.layers.LSTM(num_classes, activation=None, return_sequences=True)

    def call(self, input_images, input_labels):
        mask = np.ones((1, self.samples_per_class, 1, 1), "float32")
        mask[:, -1] = 0
        joined = keras.ops.concatenate([input_images, input_labels * mask], axis=-1)
        batch, samples, classes, features = joined.shape
        joined = keras.ops.reshape(joined, (-1, samples * classes, features))
        return keras.ops.reshape(self.second(self.first(joined)), (-1, samples, classes, self.num_classes))

    def loss_function(self, preds, labels):
        return keras.losses.CategoricalCrossentropy(from_logits=True)(labels[:, -1:], preds[:, -1:])


# %% train_step
def train_step(images, labels, model, optim, eval=False):
    images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
    if eval:
        predictions = model(images, labels, training=False)
        return predictions, model.loss_function(predictions, labels)
    with tf.GradientTape() as tape:
        predictions = model(images, labels, training=True)
        loss = model.loss_function(predictions, labels)
    optim.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return predictions.numpy(), loss.numpy()


# %% run_experiment
def run_experiment(num_classes, num_samples, meta_batch_size, num_steps, seed, eval_every=100):
    tf.random.set_seed(seed)
    keras.utils.set_random_seed(seed)
    training = DataGenerator(num_classes, num_samples + 1, config={"seed": seed})
    testing = DataGenerator(num_classes, num_samples + 1, config={"seed": seed + 1})
    model = MANN(num_classes, num_samples + 1)
    optim = keras.optimizers.RMSprop(1e-3)
    curve = []
    for step in range(num_steps):
        batch = training.sample_batch("train", meta_batch_size)
        train_step(batch[0], batch[1], model, optim)
        if (step + 1) % eval_every == 0 or step + 1 == num_steps:
            means = []
            for _ in range(3):
                images, labels = testing.sample_batch("test", meta_batch_size)
                predictions, _ = train_step(images, labels, model, optim, eval=True)
                means.extend(np.mean(np.argmax(predictions[:, -1], -1) == np.argmax(labels[:, -1], -1), axis=1))
            curve.append((step + 1, utils.evaluation.Accuracy.of_episodes(means, protocol="test episodes", split="test")))
    return model, curve

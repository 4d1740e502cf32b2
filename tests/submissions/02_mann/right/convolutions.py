"""Convolutions before the recurrence; an experiment that is measured before its first step too, and compiled."""
# %% MANN
class MANN(keras.Model):
    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.N, self.S = num_classes, samples_per_class
        self.encoder = keras.Sequential([
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
        ])
        self.lstm = keras.layers.LSTM(128, return_sequences=True)
        self.head = keras.layers.Dense(num_classes)

    def call(self, input_images, input_labels, training=None):
        codes = self.encoder(tf.reshape(input_images, (-1, 784)), training=training)
        codes = tf.reshape(codes, (-1, self.S * self.N, codes.shape[-1]))
        known = tf.pad(input_labels[:, :-1], [[0, 0], [0, 1], [0, 0], [0, 0]])
        steps = tf.concat([codes, tf.reshape(known, (-1, self.S * self.N, self.N))], axis=-1)
        return tf.reshape(self.head(self.lstm(steps)), (-1, self.S, self.N, self.N))

    def loss_function(self, preds, labels):
        return tf.reduce_mean(keras.losses.categorical_crossentropy(labels[:, -1], preds[:, -1], from_logits=True))


# %% run_experiment
def run_experiment(num_classes, num_samples, meta_batch_size, num_steps, seed, eval_every=100):
    keras.utils.set_random_seed(seed)
    data = DataGenerator(num_classes, num_samples + 1, {"seed": seed})
    model, optim = MANN(num_classes, num_samples + 1), keras.optimizers.Adam(2e-3)
    model(*data.sample_batch("val", 1))
    optim.build(model.trainable_variables)

    @tf.function
    def fast(images, labels):
        return train_step(images, labels, model, optim)

    curve = []
    for step in range(num_steps + 1):
        if step % eval_every == 0 or step == num_steps:
            curve.append((step, evaluate(model, data, episodes=100)))
        if step < num_steps:
            fast(*data.sample_batch("train", meta_batch_size))
    return model, curve

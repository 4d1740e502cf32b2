"""Its own LSTM cell in a loop over the steps, with weights of its own making."""
# %% MANN
class MANN(keras.Model):
    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.N, self.S, self.H = num_classes, samples_per_class, 64
        self.W = self.add_weight(shape=(784 + num_classes + self.H, 4 * self.H), initializer="glorot_uniform", name="W")
        self.b = self.add_weight(shape=(4 * self.H,), initializer="zeros", name="b")
        self.V = self.add_weight(shape=(self.H, num_classes), initializer="glorot_uniform", name="V")

    def call(self, input_images, input_labels):
        images = tf.reshape(input_images, (-1, self.S * self.N, 784))
        labels = tf.reshape(input_labels, (-1, self.S * self.N, self.N))
        h = c = tf.zeros((tf.shape(images)[0], self.H))
        logits = []
        for t in range(self.S * self.N):
            label = labels[:, t] if t < (self.S - 1) * self.N else tf.zeros_like(labels[:, t])
            z = tf.concat([images[:, t], label, h], axis=1) @ self.W + self.b
            i, f, g, o = tf.split(z, 4, axis=1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            logits.append(h @ self.V)
        return tf.reshape(tf.stack(logits, axis=1), (-1, self.S, self.N, self.N))

    def loss_function(self, preds, labels):
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=labels[:, -1], logits=preds[:, -1]))


# %% train_step
def train_step(images, labels, model, optim, eval=False):
    def forward():
        predictions = model(images, labels, training=not eval)
        return predictions, model.loss_function(predictions, labels)

    if eval:
        return forward()
    with tf.GradientTape() as tape:
        predictions, loss = forward()
    variables = model.trainable_weights
    optim.apply_gradients(list(zip(tape.gradient(loss, variables), variables)))
    return predictions, float(loss)

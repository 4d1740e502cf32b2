"""Upper layers see the labels of the query again.

Loses: StackedMANN
"""
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
            steps = lstm(tf.concat([steps, tf.reshape(input_labels, (-1, self.S * self.N, self.N))], -1))
        return tf.reshape(self.answer(steps), (-1, self.S, self.N, self.N))

    def loss_function(self, preds, labels):
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels[:, -1], preds[:, -1]))

"""Reads with a sigmoid in the place of the softmax.

Loses: MemoryMANN
"""
# %% MemoryMANN
class MemoryMANN(keras.Model):

    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        self.num_classes = num_classes
        self.samples_per_class = samples_per_class
        self.num_slots, self.width, self.decay = 40, 40, 0.95
        self.controller = keras.layers.LSTMCell(128)
        self.key = keras.layers.Dense(self.width, activation="tanh")
        self.sharpness = keras.layers.Dense(1, "softplus", bias_initializer=keras.initializers.Constant(5.0))
        self.gate = keras.layers.Dense(1, activation="sigmoid")
        self.answer = keras.layers.Dense(num_classes)

    def call(self, input_images, input_labels):
        logits, _, _ = self.read_sequence(input_images, input_labels)
        return keras.ops.reshape(logits, (-1, self.samples_per_class, self.num_classes, self.num_classes))

    def loss_function(self, preds, labels):
        return keras.ops.mean(keras.losses.categorical_crossentropy(labels[:, -1], preds[:, -1], from_logits=True))

    def addressing(self, input_images, input_labels):
        _, written, read = self.read_sequence(input_images, input_labels)
        return written, read

    def read_sequence(self, input_images, input_labels):
        known = keras.ops.concatenate([input_labels[:, :-1], keras.ops.zeros_like(input_labels[:, -1:])], axis=1)
        steps = keras.ops.concatenate([input_images, keras.ops.cast(known, input_images.dtype)], axis=-1)
        steps = keras.ops.reshape(steps, (-1, self.samples_per_class * self.num_classes, steps.shape[-1]))
        return self.read_steps(steps)

    def read_steps(self, steps):
        empty = keras.ops.zeros_like(steps[:, 0, :1])  # (B, 1)
        nowhere = keras.ops.repeat(empty, self.num_slots, axis=1)
        states = [keras.ops.repeat(empty, self.controller.units, axis=1)] * 2
        memory = keras.ops.repeat(nowhere[..., None], self.width, axis=2) + 1e-6  # (B, slots, width)
        read_weights, usage = nowhere, nowhere
        outputs = []
        for step in range(steps.shape[1]):
            state, states = self.controller(steps[:, step], states)
            key, sharpness, gate = self.key(state), self.sharpness(state), self.gate(state)

            least_used = keras.ops.one_hot(keras.ops.argmin(usage, axis=1), self.num_slots, dtype=state.dtype)
            write_weights = gate * read_weights + (1 - gate) * least_used
            memory = memory * (1 - least_used[..., None]) + write_weights[..., None] * key[:, None]

            likeness = keras.ops.einsum("bsw,bw->bs", keras.ops.normalize(memory, -1), keras.ops.normalize(key, -1))
            read_weights = keras.ops.sigmoid(sharpness * likeness)
            found = keras.ops.einsum("bs,bsw->bw", read_weights, memory)
            usage = keras.ops.stop_gradient(self.decay * usage + read_weights + write_weights)
            outputs.append((self.answer(keras.ops.concatenate([state, found], axis=-1)), write_weights, read_weights))
        return tuple(keras.ops.stack(part, axis=1) for part in zip(*outputs, strict=True))

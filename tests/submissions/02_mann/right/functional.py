"""Functional models inside; the support alone carries labels; vectorised sampling by sorting random numbers."""
# %% DataGenerator
import hashlib
import pathlib

from PIL import Image


class DataGenerator:
    def __init__(self, num_classes, num_samples_per_class, config={}):
        self.N, self.S = num_classes, num_samples_per_class
        if "images" in config:
            images = config["images"]
        elif "data_folder" in config:
            folders = sorted(pathlib.Path(config["data_folder"]).glob("*/*"))
            images = np.stack([
                np.stack([255 - np.asarray(Image.open(file).convert("L").resize((28, 28), Image.BOX)) for file in sorted(folder.glob("*.png"))])
                for folder in folders
            ])
        else:
            images = utils.data.load_omniglot().images
        images = np.asarray(images)
        count = len(images)
        order = sorted(range(count), key=lambda i: hashlib.md5(str(i).encode()).hexdigest())
        train, val = (1100, 100) if count >= 1400 else (int(0.7 * count + 1e-9), int(0.1 * count + 1e-9))
        self.parts = {"train": images[order[:train]], "val": images[order[train : train + val]], "test": images[order[train + val :]]}
        self.random = np.random.Generator(np.random.PCG64(config.get("seed", 0)))

    def sample_batch(self, batch_type, batch_size):
        part = self.parts[batch_type]
        classes = self.random.random((batch_size, len(part))).argsort(1)[:, : self.N]
        drawings = self.random.random((batch_size, self.N, part.shape[1])).argsort(2)[..., : self.S]
        images = part[classes[:, :, None], drawings].transpose(0, 2, 1, 3, 4).reshape(batch_size, self.S, self.N, 784)
        order = self.random.random((batch_size, self.S, self.N)).argsort(-1)
        images = np.take_along_axis(images, order[..., None], axis=2)
        return (images / 255).astype(np.float32), np.eye(self.N)[order].astype(np.float32)


# %% MANN
class MANN(keras.Model):
    def __init__(self, num_classes, samples_per_class):
        super().__init__()
        N, S = num_classes, samples_per_class
        images, labels = keras.Input((S, N, 784)), keras.Input((S - 1, N, N))
        padded = keras.layers.ZeroPadding2D(((0, 1), (0, 0)))(labels)
        steps = keras.layers.Reshape((S * N, 784 + N))(keras.layers.Concatenate()([images, padded]))
        states = keras.layers.LSTM(128, return_sequences=True)(steps)
        logits = keras.layers.Reshape((S, N, N))(keras.layers.TimeDistributed(keras.layers.Dense(N))(states))
        self.inner = keras.Model([images, labels], logits)

    def call(self, input_images, input_labels):
        return self.inner([input_images, input_labels[:, :-1]])

    def loss_function(self, preds, labels):
        log_probabilities = keras.ops.log_softmax(preds[:, -1], axis=-1)
        return -keras.ops.mean(keras.ops.sum(labels[:, -1] * log_probabilities, axis=-1))


# %% StackedMANN
class StackedMANN(keras.Model):
    def __init__(self, num_classes, samples_per_class, num_layers):
        super().__init__()
        self.shape = (samples_per_class, num_classes)
        cells = [keras.layers.LSTMCell(100) for _ in range(num_layers)]
        self.body = keras.layers.RNN(cells, return_sequences=True)
        self.head = keras.layers.Dense(num_classes)
        self.loss_function = MANN(num_classes, samples_per_class).loss_function

    def call(self, input_images, input_labels):
        S, N = self.shape
        labels = keras.ops.where(np.arange(S).reshape(1, S, 1, 1) < S - 1, input_labels, 0.0)
        steps = keras.ops.reshape(keras.ops.concatenate([input_images, labels], -1), (-1, S * N, 784 + N))
        return keras.ops.reshape(self.head(self.body(steps)), (-1, S, N, N))

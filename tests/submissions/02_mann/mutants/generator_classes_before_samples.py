"""The axes of samples and classes are swapped.

Loses: DataGenerator
"""
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
        return images.swapaxes(1, 2), labels.swapaxes(1, 2)

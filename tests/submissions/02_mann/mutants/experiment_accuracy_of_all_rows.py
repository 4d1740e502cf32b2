"""Counts the answers to the support as well.

Loses: run_experiment
"""
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
            right = np.argmax(predictions, -1) == labels.argmax(-1)
            accuracy = utils.evaluation.Accuracy.of_episodes(right.mean((1, 2)), protocol="episodes", split="test")
            curve.append((step, accuracy))
    return model, curve

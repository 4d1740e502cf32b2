"""The public checks of 02_mann, which students run in their own notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.student import Student
from course_utils.checks.wire import Tensor

Rng = np.random.Generator
PROBES = "course_utils.checks.episode_probes"


# DataGenerator --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """What `sample_batch` returned, made out: which character and drawing each image is, and its label."""

    characters: np.ndarray
    drawings: np.ndarray
    labels: np.ndarray


def coded_characters(rng: Rng, characters: int, drawings: int) -> np.ndarray:
    """uint8 [characters, drawings, 28, 28]: sparse noise that differs from drawing to drawing, and ink that is high."""
    blocks = rng.integers(0, 256, (characters, drawings, 14, 14), dtype=np.uint8)
    blocks[rng.random(blocks.shape) < 0.7] = 0
    blocks[..., 7, 7] = 255
    return blocks.repeat(2, axis=2).repeat(2, axis=3)


def pair(value: Any, what: str) -> tuple[Any, Any]:
    """The two parts, if that is what came back."""
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        expect(value, what).is_true("a pair", hint="Return both parts.")
    return value[0], value[1]


def checked_batch(value: Any, batch: int, samples: int, way: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels, if they have the shapes, ranges and one-hot rows that the task asks for."""
    images, labels = pair(value, "what sample_batch returns")
    expect(images, "the images").has_shape(
        (batch, samples, way, 784), hint="(B, K+1, N, 784): the samples of a class are the second axis."
    ).between(0, 1, why="Networks like inputs of the size of 1.", hint="Divide by 255, once.")
    images = np.asarray(images)
    expect(images.dtype.kind == "f", "the images").is_true("floats", got=f"dtype {images.dtype}")
    expect(labels, "the labels").has_shape((batch, samples, way, way), hint="One-hot: (B, K+1, N, N).")
    labels = np.asarray(labels, float)
    expect(bool(np.isin(labels, (0, 1)).all() and (labels.sum(-1) == 1).all()), "the labels").is_true(
        "one-hot: a single 1, the rest 0", got="rows that are not one-hot"
    )
    return images, labels


def made_out(value: Any, data: np.ndarray, batch: int, samples: int, way: int) -> Batch:
    """Which of the images in `data` a batch has. Unmet where one is none of them."""
    images, labels = checked_batch(value, batch, samples, way)
    known = {drawing.tobytes(): number for number, drawing in enumerate(data.reshape(-1, 784))}
    pixels = np.round(images * 255).astype(np.uint8).reshape(-1, 784)
    numbers = np.array([known.get(image.tobytes(), -1) for image in pixels])
    expect(int((numbers < 0).sum()), "images that are none of those given").equals(
        0, hint="Every image is one of config['images'], its pixels in row-major order, ink high, divided by 255."
    )
    numbers = numbers.reshape(batch, samples, way)
    return Batch(numbers // data.shape[1], numbers % data.shape[1], labels.argmax(-1))


def drawn(student: Student, rng: Rng, split: str, batch: int, samples: int, way: int, seed: int = 0) -> Batch:
    """A batch of one split, of 60 characters with 6 drawings each."""
    data = coded_characters(rng, 60, 6)
    generator = student.DataGenerator(way, samples, {"images": data, "seed": seed})
    return made_out(generator.sample_batch(split, batch), data, batch, samples, way)


@check("DataGenerator", weight=1)
def gives_batches_of_episodes(student: Student, rng: Rng) -> None:
    """A batch has the shapes (B, K+1, N, 784) and (B, K+1, N, N)."""
    data = coded_characters(rng, 60, 6)
    for batch, samples, way in ((5, 3, 4), (1, 2, 2), (7, 2, 5)):
        generator = student.DataGenerator(way, samples, {"images": data})
        for split in ("train", "val", "test"):
            checked_batch(generator.sample_batch(split, batch), batch, samples, way)


@check("DataGenerator", weight=2)
def labels_belong_to_images(student: Student, rng: Rng) -> None:
    """Each image has the label of its character, in the query row as in the support."""
    found = drawn(student, rng, "train", 40, 3, 4)
    for episode in range(40):
        labels, characters = found.labels[episode], found.characters[episode]
        of_label = [set(characters[labels == label]) for label in range(4)]
        expect(
            [len(names) for names in of_label], "the number of characters that bear each label in an episode"
        ).equals(
            [1, 1, 1, 1],
            why="Otherwise there is nothing to be learned.",
            hint="Shuffle images and labels together, with one and the same order.",
        )


@check("DataGenerator", weight=1)
def draws_distinct_classes(student: Student, rng: Rng) -> None:
    """The classes of an episode are all different, and each has one image in every row."""
    found = drawn(student, rng, "val", 60, 2, 5)
    different = [len(set(characters.ravel())) for characters in found.characters]
    expect(min(different), "the least number of different classes in a 5-way episode").equals(
        5, why="Twice the same class with two labels cannot be told apart.", hint="Draw without replacement."
    )
    rows = np.sort(found.labels, axis=-1)
    expect(rows, "the labels of each row, sorted").equals(
        np.broadcast_to(np.arange(5), rows.shape), hint="Each row has every class once."
    )


@check("DataGenerator", weight=1)
def keeps_the_query_out_of_the_support(student: Student, rng: Rng) -> None:
    """The drawings of a class in an episode are all different."""
    found = drawn(student, rng, "train", 60, 5, 2)
    different = [
        len(set(found.drawings[episode][found.labels[episode] == label])) for episode in range(60) for label in range(2)
    ]
    expect(min(different), "the least number of different drawings (of 5) of a class in an episode").equals(
        5,
        why="A query that was in the support can be recognised pixel by pixel.",
        hint="Draw K+1 drawings without replacement.",
    )


@check("DataGenerator", weight=1)
def shuffles_the_query(student: Student, rng: Rng) -> None:
    """The order of the query row differs from episode to episode, and from that of the support."""
    found = drawn(student, rng, "train", 60, 2, 4)
    orders = {tuple(order) for order in found.labels[:, -1]}
    # 60 draws of 24 orders: fewer than 8 different ones never happen.
    expect(len(orders), "different orders of the query row in 60 episodes").at_least(
        8, why="Otherwise the place of an image tells its label.", hint="Shuffle the last row of every episode anew."
    )


# MANN and its relatives -----------------------------------------------------------------------------------------------


def episodes(rng: Rng, batch: int, samples: int, way: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise images float32 [batch, samples, way, 784] and labels as an episode has them, every row in random order."""
    images = (rng.random((batch, samples, way, 784)) * (rng.random((batch, samples, way, 784)) < 0.3)).astype(
        np.float32
    )
    order = rng.permuted(np.tile(np.arange(way), (batch, samples, 1)), axis=2)
    return images, np.eye(way, dtype=np.float32)[order]


def logits(model: Any, images: np.ndarray, labels: np.ndarray, **how: Any) -> np.ndarray:
    """What the model says, if it has the shape of the labels."""
    said = model(Tensor(images), Tensor(labels), **how)
    expect(said, f"the logits for labels of shape {labels.shape}").has_shape(
        labels.shape, hint="Logits for each sample: (B, K+1, N, N)."
    ).is_finite()
    return np.asarray(said, float)


def randomised(model: Any, rng: Rng, scale: float = 0.1) -> None:
    """Give a built model random weights, so that nothing hides behind zeros that it starts with.

    Those that are all 1 stay positive: they may be the variances of a normalisation.
    """
    weights = []
    for weight in map(np.asarray, model.get_weights()):
        noise = rng.normal(scale=scale, size=weight.shape)
        weights.append((np.exp(0.1 * noise) if np.all(weight == 1) else noise).astype(np.float32))
    model.set_weights(weights)


def other_query_labels(labels: np.ndarray, rng: Rng) -> list[np.ndarray]:
    """The labels with other ones in the query: in another order, none at all, and noise."""
    turned, none, noise = labels.copy(), labels.copy(), labels.copy()
    turned[:, -1] = np.roll(labels[:, -1], 1, axis=-1)
    none[:, -1] = 0
    noise[:, -1] = rng.normal(size=labels[:, -1].shape)
    return [turned, none, noise]


def hides_query_labels(model: Any, rng: Rng, samples: int, way: int) -> None:
    """The demand that no answer changes with the labels of the query."""
    images, labels = episodes(rng, 3, samples, way)
    before = logits(model, images, labels)
    for changed in other_query_labels(labels, rng):
        change = np.abs(logits(model, images, changed) - before)
        expect(float(change.max()), "the largest change of an answer when the query's labels are changed").at_most(
            1e-5,
            why="With the labels in sight the network learns to copy them, and nothing else.",
            hint="Put zeros in the place of the labels of the last sample of each class, labels[:, -1], before "
            "anything reads them.",
        )


def uses_support(model: Any, rng: Rng, samples: int, way: int) -> None:
    """The demand that the query's answers change with the support's labels, those of every row."""
    images, labels = episodes(rng, 3, samples, way)
    before = logits(model, images, labels)
    for row in range(samples - 1):
        changed = labels.copy()
        changed[:, row] = np.roll(labels[:, row], 1, axis=-1)
        change = np.abs(logits(model, images, changed) - before)[:, -1]
        expect(float(change.max()), f"the change of the query's answers with the labels of support row {row}").at_least(
            1e-6,
            why="Only the support says which label belongs to which character.",
            hint="Join each support image with its label.",
        )


@check("MANN", weight=1, timeout=60)
def gives_logits_for_each_sample(student: Student, rng: Rng) -> None:
    """It gives logits (B, K+1, N, N) for every size of episode and batch."""
    for batch, samples, way in ((1, 2, 3), (4, 3, 2), (2, 2, 5)):
        logits(student.MANN(way, samples), *episodes(rng, batch, samples, way))


@check("MANN", weight=3, timeout=60)
def hides_the_query_labels(student: Student, rng: Rng) -> None:
    """No answer changes with the labels of the query."""
    model = student.MANN(3, 3)
    hides_query_labels(model, rng, 3, 3)


@check("MANN", weight=2, timeout=60)
def uses_the_support_labels(student: Student, rng: Rng) -> None:
    """The answers to the query change with the labels of the support."""
    uses_support(student.MANN(3, 3), rng, 3, 3)


def cross_entropy(preds: np.ndarray, labels: np.ndarray) -> float:
    """The mean over the query row, from logits."""
    z = np.asarray(preds, float)[:, -1]
    z = z - z.max(-1, keepdims=True)
    return float((np.log(np.exp(z).sum(-1)) - (z * labels[:, -1]).sum(-1)).mean())


@check("loss_function", weight=1)
def is_the_cross_entropy_of_the_query(student: Student, rng: Rng) -> None:
    """It is the mean cross-entropy of the query row, from logits."""
    model = student.MANN(4, 3)
    _, labels = episodes(rng, 5, 3, 4)
    preds = rng.normal(scale=2, size=labels.shape).astype(np.float32)
    expect(model.loss_function(Tensor(preds), Tensor(labels)), "the loss").close_to(
        cross_entropy(preds, labels),
        atol=1e-4,
        why="In the support the network is told the answer.",
        hint="The last row alone, preds[:, -1], and from_logits=True.",
    )


# train_step -----------------------------------------------------------------------------------------------------------


def stepped(student: Student, rng: Rng, way: int = 3, **how: Any) -> tuple[Any, Any, list, list, tuple]:
    """Take one step of SGD on a stand-in: (result, model, weights before, weights after, what the step should use)."""
    probes, keras = student.module(PROBES), student.module("keras")
    images, labels = episodes(rng, 4, 2, way)
    model = probes.scaled_network(way, int(rng.integers(2**31)))
    model(Tensor(images), Tensor(labels))
    optim = keras.optimizers.SGD(learning_rate=0.5)
    expected = probes.gradient(model, images, labels, not how.get("eval", False))
    before = [np.asarray(weight) for weight in model.get_weights()]
    result = student.train_step(Tensor(images), Tensor(labels), model, optim, **how)
    after = [np.asarray(weight) for weight in model.get_weights()]
    return result, model, before, after, expected


def trainable(weights: list) -> list:
    """Of the stand-in's weights those that are trained: scale, shift, kernel and bias, without moving statistics."""
    return [weights[0], weights[1], weights[-2], weights[-1]]


@check("train_step", weight=2, timeout=60)
def changes_the_weights(student: Student, rng: Rng) -> None:
    """A step changes the weights against the gradient of the model's loss."""
    _, _, before, after, (gradients, _, _) = stepped(student, rng)
    moved = [a - b for a, b in zip(trainable(after), trainable(before), strict=True)]
    for move, slope in zip(moved, gradients, strict=True):
        expect(move, "how far a step of SGD at a learning rate of 0.5 moves a weight").close_to(
            -0.5 * np.asarray(slope),
            atol=2e-4,
            rtol=2e-2,
            hint="Take the gradient of model.loss_function along model.trainable_variables, and apply it once.",
        )


@check("train_step", weight=1, timeout=60)
def returns_predictions_and_loss(student: Student, rng: Rng) -> None:
    """It returns the predictions and the loss, from before the step."""
    result, _, _, _, (_, predictions, loss) = stepped(student, rng)
    said, value = pair(result, "what train_step returns")
    expect(said, "the predictions").has_shape((4, 2, 3, 3)).close_to(np.asarray(predictions), atol=2e-3, rtol=2e-2)
    expect(value, "the loss").close_to(loss, atol=1e-3, rtol=1e-2, hint="Return what model.loss_function gave.")


@check("train_step", weight=2, timeout=60)
def only_looks_with_eval(student: Student, rng: Rng) -> None:
    """With eval=True nothing changes: no weight, no moving statistic."""
    result, _, before, after, _ = stepped(student, rng, eval=True)
    said, _ = pair(result, "what train_step returns")
    expect(said, "the predictions").has_shape((4, 2, 3, 3))
    for one, other in zip(before, after, strict=True):
        expect(other, "a weight after a look").equals(
            one, why="A test that trains is no test.", hint="Apply gradients, and call with training=True, unless eval."
        )


# run_experiment -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Experiment:
    """What came of an experiment on stand-ins: the pair that was returned, and the generators that were made."""

    model: Any
    steps: list[int]
    accuracies: list[Any]
    generators: list[tuple[int, int, list[tuple[str, int]]]]

    def drawn(self, split: str) -> int:
        """The episodes of a split that were drawn."""
        return sum(size for _, _, calls in self.generators for name, size in calls if name == split)


def experiments(student: Student, judge: Callable[[list[Experiment]], None], *runs: Mapping[str, Any]) -> None:
    """Judge experiments on told episodes; all with the student's own train_step or with a stand-in, whichever works."""
    probes = student.module(PROBES)
    settings = {"num_classes": 4, "num_samples": 2, "meta_batch_size": 6, "seed": 3}
    stand_ins = {"DataGenerator": probes.ToldEpisodes, "MANN": probes.told_network()}

    def result_of(run: Mapping[str, Any]) -> Experiment:
        probes.start_recording()
        model, curve = pair(student.run_experiment(**{**settings, **run}), "what run_experiment returns")
        expect(curve, "the curve").is_true("a list of pairs (step, accuracy)") if not isinstance(curve, list) else None
        points = [pair(point, "a point of the curve") for point in curve]
        steps = [int(step) for step, _ in points]
        generators = [(way, samples, list(calls)) for way, samples, calls in probes.recorded()]
        return Experiment(model, steps, [accuracy for _, accuracy in points], generators)

    def attempt() -> None:
        judge([result_of(run) for run in runs])

    either(
        with_stand_ins(student, stand_ins, attempt),
        with_stand_ins(student, stand_ins | {"train_step": probes.plain_step}, attempt),
    )


def experiment(
    student: Student, judge: Callable[[Experiment], None], num_steps: int, eval_every: int, **how: Any
) -> None:
    """Judge one experiment, as `experiments` does."""
    experiments(student, lambda results: judge(*results), {"num_steps": num_steps, "eval_every": eval_every} | how)


@check("run_experiment", weight=1, timeout=120)
def returns_model_and_curve(student: Student, rng: Rng) -> None:
    """It returns the trained model, and a curve that ends with the last step."""

    def judge(result: Experiment) -> None:
        expect(result.steps[-1:], "the last step of the curve").equals(
            [7], hint="Measure after every `eval_every` steps, and after the last one."
        )
        expect([step for step in (3, 6) if step in result.steps], "steps 3 and 6, as eval_every=3 asks for").equals(
            [3, 6]
        )
        expect(sorted(result.steps) == result.steps, "the steps").is_true("steps in their order")
        for accuracy in result.accuracies:
            expect(accuracy.mean, "the mean of an accuracy of the curve").between(
                0, 1, hint="The points are (step, evaluation.Accuracy)."
            )

    experiment(student, judge, 7, 3)


@check("run_experiment", weight=1, timeout=120)
def measures_on_test_episodes(student: Student, rng: Rng) -> None:
    """It trains on training characters and measures on test characters."""

    def judge(result: Experiment) -> None:
        expect(result.drawn("train"), "training episodes in 5 steps of 6").at_least(30)
        expect(result.drawn("test"), "test episodes").at_least(1, hint="Draw them with batch_type 'test'.")
        # Half of the answers to test queries are right by design, all of the answers to training queries.
        for accuracy in result.accuracies:
            expect(accuracy.mean, "the accuracy of a network that is right on half of the test queries").close_to(
                0.5,
                atol=1e-6,
                why="Characters that it was trained on say nothing about new ones.",
                hint="Compare the answers of the query row, [:, -1], on test episodes.",
            )

    experiment(student, judge, 5, 5)


# StackedMANN, BetterMANN, MemoryMANN ----------------------------------------------------------------------------------


@check("StackedMANN", weight=1, timeout=90)
def stacks_layers(student: Student, rng: Rng) -> None:
    """Each further layer adds the same number of weights; logits and loss are as in MANN."""
    images, labels = episodes(rng, 2, 2, 3)
    counts = []
    for layers in (1, 2, 3):
        model = student.StackedMANN(3, 2, layers)
        said = logits(model, images, labels)
        expect(model.loss_function(Tensor(said.astype(np.float32)), Tensor(labels)), "the loss").close_to(
            cross_entropy(said, labels), atol=1e-4
        )
        counts.append(sum(int(np.size(weight)) for weight in model.get_weights()))
    expect(counts[1] - counts[0], "the weights that a second layer adds").at_least(1, hint="Use num_layers.")
    expect(counts[2] - counts[1], "the weights that a third layer adds").equals(
        counts[1] - counts[0], why="The layers should differ in nothing but their number.", hint="Equal width."
    )


@check("StackedMANN", weight=1, timeout=90)
def hides_the_query_labels_at_every_depth(student: Student, rng: Rng) -> None:
    """At every depth the query's labels are hidden, and the support's are used."""
    for layers in (1, 3):
        model = student.StackedMANN(3, 2, layers)
        hides_query_labels(model, rng, 2, 3)
        uses_support(model, rng, 2, 3)


@check("BetterMANN", weight=1, timeout=90)
def keeps_the_contract(student: Student, rng: Rng) -> None:
    """It gives logits (B, 2, 5, 5), hides the query's labels and uses the support's."""
    model = student.BetterMANN(5, 2)
    images, labels = episodes(rng, 3, 2, 5)
    said = logits(model, images, labels)
    expect(model.loss_function(Tensor(said.astype(np.float32)), Tensor(labels)), "the loss").close_to(
        cross_entropy(said, labels), atol=1e-4
    )
    hides_query_labels(model, rng, 2, 5)
    uses_support(model, rng, 2, 5)


WEIGHTS = "trained/better_mann.weights.h5"


def with_trained_weights(student: Student) -> Any:
    """A BetterMANN(5, 2) with the weights that were handed in."""
    model = student.BetterMANN(5, 2)
    model(Tensor(np.zeros((1, 2, 5, 784), np.float32)), Tensor(np.eye(5, dtype=np.float32)[None, None].repeat(2, 1)))
    student.module("course_utils.training").read_weights(WEIGHTS)
    model.load_weights(WEIGHTS)
    return model


@check("trained_better_mann", weight=1, timeout=60)
def hands_in_weights_that_fit(student: Student, rng: Rng) -> None:
    """The folder `trained` holds weights that BetterMANN(5, 2) can load."""
    model = with_trained_weights(student)
    logits(model, *episodes(rng, 2, 2, 5))


@check("MemoryMANN", weight=1, timeout=90)
def keeps_the_contract_with_a_memory(student: Student, rng: Rng) -> None:
    """It gives logits, hides the query's labels and uses the support's."""
    model = student.MemoryMANN(3, 2)
    images, labels = episodes(rng, 3, 2, 3)
    logits(model, images, labels)
    hides_query_labels(model, rng, 2, 3)
    uses_support(model, rng, 2, 3)


def addressing(model: Any, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The write and the read weights [B, T, slots] of a memory, if they are such."""
    written, read = pair(model.addressing(Tensor(images), Tensor(labels)), "what addressing returns")
    batch, steps = len(images), images.shape[1] * images.shape[2]
    for weights, name in ((written, "write"), (read, "read")):
        expect(weights, f"the {name} weights").has_shape((batch, steps, None)).between(-1e-5, 1 + 1e-4)
    return np.asarray(written, float), np.asarray(read, float)


@check("MemoryMANN", weight=1, timeout=60)
def reads_and_writes_slots(student: Student, rng: Rng) -> None:
    """`addressing` gives write and read weights; the read weights of a step sum to 1."""
    model = student.MemoryMANN(3, 2)
    _, read = addressing(model, *episodes(rng, 2, 2, 3))
    expect(read.sum(-1), "the sum of the read weights of each step").close_to(
        np.ones(read.shape[:2]), atol=1e-3, hint="A softmax over the slots."
    )

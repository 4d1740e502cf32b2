"""The hidden checks of 02_mann: of the same kind as the public ones, on other inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.mann import (
    PROBES,
    Experiment,
    Rng,
    addressing,
    checked_batch,
    coded_characters,
    cross_entropy,
    drawn,
    episodes,
    experiment,
    experiments,
    hides_query_labels,
    logits,
    made_out,
    pair,
    randomised,
    stepped,
    trainable,
    uses_support,
    with_trained_weights,
)
from course_utils.checks.student import Student
from course_utils.checks.wire import Tensor

# DataGenerator --------------------------------------------------------------------------------------------------------


def seen(generator: Any, data: np.ndarray, split: str, batches: int, size: int) -> set[int]:
    """The characters of a split that come up in so many 5-way batches."""
    found: set[int] = set()
    for _ in range(batches):
        batch = made_out(generator.sample_batch(split, size), data, size, 2, 5)
        found |= set(batch.characters.ravel().tolist())
    return found


@check("DataGenerator", weight=2, timeout=90)
def splits_characters(student: Student, rng: Rng) -> None:
    """Training, validation and test characters are disjoint: 70, 10 and 20 %, or 1,100, 100 and the rest."""
    data = coded_characters(rng, 60, 3)
    generator = student.DataGenerator(5, 2, {"images": data, "seed": 1})
    # 200 episodes of 5 classes: that one of 42 characters never comes up has a probability below 10^-9.
    small = {split: seen(generator, data, split, 1, 200) for split in ("train", "val", "test")}
    expect({split: len(found) for split, found in small.items()}, "characters of each split, of 60").equals(
        {"train": 42, "val": 6, "test": 12}
    )
    expect(len(small["train"] & small["test"]) + len(small["train"] & small["val"]), "shared characters").equals(0)
    expect(len(small["val"] & small["test"]), "characters that validation and test share").equals(0)
    data = coded_characters(rng, 1_420, 2)
    generator = student.DataGenerator(5, 2, {"images": data, "seed": 1})
    large = {split: seen(generator, data, split, 2, 440) for split in ("train", "val", "test")}
    # 4,400 draws of 1,100 characters leave 20 out on average, 4 or 5 give or take: 50 never.
    expect(len(large["train"]), "training characters seen in 4,400 draws, of 1,420").between(1_040, 1_100)
    expect(len(large["val"]), "validation characters, of 1,420").between(99, 100)
    expect(len(large["test"]), "test characters, of 1,420").between(215, 220)
    expect(len(large["train"] & large["test"]), "characters that training and test share").equals(0)


@check("DataGenerator", weight=1, timeout=60)
def splits_in_the_same_way_each_time(student: Student, rng: Rng) -> None:
    """The split depends neither on the seed nor on anybody's global dice."""
    probes = student.module(PROBES)
    data = coded_characters(rng, 60, 3)
    found = []
    for seed in (1, 2):
        probes.seed_globally(seed)
        generator = student.DataGenerator(5, 2, {"images": data, "seed": seed})
        found.append(seen(generator, data, "test", 1, 150))
    expect(sorted(found[1]), "the test characters, with other seeds").equals(sorted(found[0]))


@check("DataGenerator", weight=1, timeout=60)
def draws_from_its_own_dice(student: Student, rng: Rng) -> None:
    """The same seed gives the same episodes, another one others; no global generator is touched."""
    probes = student.module(PROBES)
    data = coded_characters(rng, 60, 6)

    def batches(seed: int) -> list[np.ndarray]:
        generator = student.DataGenerator(3, 2, {"images": data, "seed": seed})
        return [np.asarray(pair(generator.sample_batch("train", 6), "a batch")[0]) for _ in range(2)]

    first, again, other = batches(5), batches(5), batches(6)
    for one, two in zip(first, again, strict=True):
        expect(two, "the images with the same seed").equals(one)
    expect(other[0], "the images with another seed").differs_from(first[0])
    expect(first[1], "the second batch").differs_from(first[0])
    probes.seed_globally(11)
    expected = tuple(probes.flags())
    probes.seed_globally(11)
    batches(5)
    expect(tuple(probes.flags()), "the next global random numbers, after drawing episodes").equals(expected)


@check("DataGenerator", weight=1, timeout=60)
def draws_all_that_there_is(student: Student, rng: Rng) -> None:
    """Every drawing comes up in the support and in the query, every class at every label."""
    found = drawn(student, rng, "test", 250, 2, 5)
    for row in (0, 1):
        # 250 * 5 draws of 12 * 6 drawings: that one never comes up has a probability below 10^-5.
        number = len({*zip(found.characters[:, row].ravel(), found.drawings[:, row].ravel(), strict=True)})
        expect(number, f"different drawings in row {row}, of 72").at_least(70)
    labels = {(int(c), int(n)) for c, n in zip(found.characters.ravel(), found.labels.ravel(), strict=True)}
    # A character is drawn 104 times on average: that it misses one of 5 labels has a probability below 10^-9.
    expect(len(labels), "different pairs of character and label, of 60").at_least(58)


@check("DataGenerator", weight=1, timeout=60)
def shuffles_whole_images(student: Student, rng: Rng) -> None:
    """In large episodes of many drawings labels, classes and drawings are right as well."""
    found = drawn(student, rng, "train", 30, 6, 7, seed=2)
    for episode in range(30):
        labels, characters = found.labels[episode], found.characters[episode]
        for label in range(7):
            mine = labels == label
            expect(len(set(characters[mine])), "characters with one label").equals(1)
            expect(len(set(found.drawings[episode][mine])), "different drawings of a class, of 6").equals(6)
        expect(len(set(characters.ravel())), "different classes").equals(7)
    fixed = [float((found.labels[:, -1, place] == found.labels[:, 0, place]).mean()) for place in range(7)]
    # By chance 1 in 7; all of 7 places above 60 % in 30 episodes never.
    expect(min(fixed), "how often a query image stands where its mate stands in the support").at_most(0.6)


@check("DataGenerator", weight=1, timeout=60)
def reads_a_folder(student: Student, rng: Rng) -> None:
    """It reads a folder alphabet/character/drawing.png, with ink high."""
    blocks = rng.random((30, 3, 7, 7)) < 0.25
    images = (255 * blocks.repeat(15, axis=2).repeat(15, axis=3)).astype(np.uint8)
    folder = student.module(PROBES).write_characters("characters_of_the_check", images)
    generator = student.DataGenerator(3, 2, {"data_folder": folder, "seed": 0})
    coarse = blocks.reshape(90, 49).astype(float)
    found, labels = checked_batch(generator.sample_batch("train", 20), 20, 2, 3)
    expect(float(found.mean()), "the mean of the images, whose ink covers a quarter").between(0.15, 0.35)
    cells = found.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
    numbers = np.abs(cells[:, None] - coarse[None]).mean(-1).argmin(1)
    expect(float(np.abs(cells - coarse[numbers]).max()), "the difference from the images of the folder").at_most(0.4)
    characters = (numbers // 3).reshape(20, 2, 3)
    for episode in range(20):
        label = labels[episode].argmax(-1)
        expect([len(set(characters[episode][label == name])) for name in range(3)], "characters of a label").equals(
            [1, 1, 1]
        )


@check("DataGenerator", weight=1, timeout=60)
def finds_omniglot_by_itself(student: Student, rng: Rng) -> None:
    """Without config it draws from Omniglot, with ink high."""
    images, _ = checked_batch(student.DataGenerator(5, 2).sample_batch("train", 8), 8, 2, 5)
    expect(float(images.mean()), "the mean grey value").between(0.01, 0.35)
    expect(float(images.max(axis=-1).min()), "the darkest ink of an image").at_least(0.4)
    same = np.abs(images[:, 0, :, None] - images[:, 1, None]).mean(-1)
    expect(float(same.mean()), "the mean difference of support and query").at_least(0.01)


# MANN -----------------------------------------------------------------------------------------------------------------


def looks_ahead(model: Any, rng: Rng, samples: int, way: int) -> float:
    """The largest change of an answer of the query when a later sample is changed."""
    images, labels = episodes(rng, 2, samples, way)
    before = logits(model, images, labels)[:, -1]
    worst = 0.0
    for place in range(1, way):
        changed, others = images.copy(), labels.copy()
        changed[:, -1, place:] = rng.random(changed[:, -1, place:].shape)
        others[:, -1, place:] = np.roll(labels[:, -1, place:], 1, axis=-1)
        worst = max(worst, float(np.abs(logits(model, changed, others)[:, -1, :place] - before[:, :place]).max()))
    return worst


def built(model: Any, samples: int, way: int, rng: Rng, scale: float = 0.1) -> Any:
    """The model, after one call, with random weights."""
    logits(model, *episodes(rng, 1, samples, way))
    randomised(model, rng, scale)
    return model


@check("MANN", weight=3, timeout=90)
def hides_the_query_labels_with_any_weights(student: Student, rng: Rng) -> None:
    """Whatever its weights, and in training too, no answer changes with the labels of the query."""
    probes = student.module(PROBES)
    for samples, way in ((2, 4), (4, 2)):
        model = built(student.MANN(way, samples), samples, way, rng)
        hides_query_labels(model, rng, samples, way)
        images, labels = episodes(rng, 2, samples, way)
        for training in (False, True):
            slopes = np.asarray(probes.sensitivity(model, images, labels, training))
            expect(float(slopes[-1].max()), "the slope of the answers along the labels of the query").at_most(1e-6)
            expect(float(slopes[:-1].min()), "the slope of the answers along a label of the support").at_least(1e-9)


@check("MANN", weight=2, timeout=60)
def answers_before_it_reads_on(student: Student, rng: Rng) -> None:
    """An answer depends on no later sample."""
    for samples, way in ((2, 4), (3, 3)):
        model = built(student.MANN(way, samples), samples, way, rng)
        expect(looks_ahead(model, rng, samples, way), "the change of an answer with later samples").at_most(1e-5)


@check("MANN", weight=2, timeout=60)
def reads_the_whole_support(student: Student, rng: Rng) -> None:
    """Every answer depends on its own image, and on every image of the support."""
    samples, way = 3, 3
    model = built(student.MANN(way, samples), samples, way, rng)
    images, labels = episodes(rng, 2, samples, way)
    before = logits(model, images, labels)[:, -1]
    for row in range(samples - 1):
        for place in range(way):
            changed = images.copy()
            changed[:, row, place] = rng.random(changed[:, row, place].shape)
            change = np.abs(logits(model, changed, labels)[:, -1] - before).max(axis=-1)
            expect(float(change.min()), "the change of an answer with an image of the support").at_least(1e-7)
    for place in range(way):
        changed = images.copy()
        changed[:, -1, place] = rng.random(changed[:, -1, place].shape)
        change = np.abs(logits(model, changed, labels)[:, -1, place] - before[:, place])
        expect(float(change.max(axis=-1).min()), "the change of an answer with its own image").at_least(1e-7)


@check("MANN", weight=1, timeout=60)
def does_not_squash_its_logits(student: Student, rng: Rng) -> None:
    """Its logits can be large."""
    model = built(student.MANN(3, 2), 2, 3, rng, scale=2.0)
    images, labels = episodes(rng, 8, 2, 3)
    said = logits(model, images, labels)
    expect(float(np.abs(said).max()), "the largest logit, with large weights").at_least(1.5)


@check("MANN", weight=1, timeout=60)
def keeps_episodes_apart(student: Student, rng: Rng) -> None:
    """The episodes of a batch do not mix, and two networks share nothing."""
    model, other = (built(student.MANN(3, 3), 3, 3, rng) for _ in range(2))
    images, labels = episodes(rng, 4, 3, 3)
    together = logits(model, images, labels)
    for number in (0, 3):
        alone = logits(model, images[number : number + 1], labels[number : number + 1])
        expect(together[number : number + 1], "an episode's answers in a batch of 4").close_to(alone, atol=1e-4)
    expect(logits(other, images, labels), "another network's answers").differs_from(together)
    again = logits(model, images, labels)
    expect(again, "the first network's answers, once more").close_to(together, atol=1e-5)


@check("loss_function", weight=2)
def ignores_the_support(student: Student, rng: Rng) -> None:
    """It depends on the query row alone, and is right for large logits and other sizes."""
    for batch, samples, way, scale in ((1, 2, 2, 1.0), (6, 6, 4, 40.0), (3, 2, 7, 5.0)):
        model = student.MANN(way, samples)
        _, labels = episodes(rng, batch, samples, way)
        preds = rng.normal(scale=scale, size=labels.shape).astype(np.float32)
        expected = cross_entropy(preds, labels)
        expect(model.loss_function(Tensor(preds), Tensor(labels)), "the loss").close_to(
            expected, atol=1e-3, rtol=1e-3
        ).has_shape(())
        preds[:, :-1] = rng.normal(size=preds[:, :-1].shape)
        expect(model.loss_function(Tensor(preds), Tensor(labels)), "the loss, with other support answers").close_to(
            expected, atol=1e-3, rtol=1e-3
        )


# train_step -----------------------------------------------------------------------------------------------------------


@check("train_step", weight=2, timeout=90)
def serves_a_second_model(student: Student, rng: Rng) -> None:
    """It serves a second model and optimizer, of another size, and then the first one again."""
    for way in (3, 5, 2):
        _, _, before, after, (gradients, _, _) = stepped(student, rng, way)
        for old, new, slope in zip(trainable(before), trainable(after), gradients, strict=True):
            expect(new - old, "how far a step moves a weight").close_to(-0.5 * np.asarray(slope), atol=2e-4, rtol=2e-2)


@check("train_step", weight=1, timeout=90)
def steps_on_and_on(student: Student, rng: Rng) -> None:
    """Several steps of one model lower its loss; looks in between change nothing; Adam's state goes on."""
    probes, keras = student.module(PROBES), student.module("keras")
    images, labels = episodes(rng, 6, 2, 3)
    model = probes.scaled_network(3, 1)
    model(Tensor(images), Tensor(labels))
    optim = keras.optimizers.Adam(learning_rate=0.003)
    losses = []
    for _ in range(12):
        _, loss = pair(student.train_step(images, labels, model, optim), "what train_step returns")
        before = [np.asarray(weight) for weight in model.get_weights()]
        student.train_step(Tensor(images), Tensor(labels), model, optim, True)
        for one, other in zip(before, model.get_weights(), strict=True):
            expect(other, "a weight after a look").equals(one)
        losses.append(float(loss))
    expect(losses[-1], "the loss after 12 steps").at_most(0.9 * losses[0])
    expect(
        int(optim.iterations.numpy()) if hasattr(optim.iterations, "numpy") else optim.iterations, "the steps"
    ).equals(12)


# run_experiment -------------------------------------------------------------------------------------------------------


@check("run_experiment", weight=2, timeout=120)
def trains_as_long_as_it_is_told(student: Student, rng: Rng) -> None:
    """It trains num_steps steps of meta_batch_size training episodes of the size asked for, and on nothing else."""

    def judge(result: Experiment) -> None:
        for way, samples, _ in result.generators:
            expect((way, samples), "N and K+1 of the generator").equals((6, 4))
        calls = [call for _, _, made in result.generators for call in made]
        training = [size for split, size in calls if split == "train"]
        # Some draw one more batch to build the model with.
        expect(len([size for size in training if size == 5]), "training batches of 5 episodes in 8 steps").between(8, 9)
        expect(len(training), "training batches in all").at_most(10)
        weights = np.concatenate([np.ravel(weight) for weight in result.model.get_weights()])
        expect(len(weights), "the weights of the network that was trained").at_least(6)
        expect([int(step) for step in result.steps][-1], "the last step").equals(8)

    experiment(student, judge, 8, 100, num_classes=6, num_samples=3, meta_batch_size=5)


@check("run_experiment", weight=1, timeout=120)
def measures_test_queries_only(student: Student, rng: Rng) -> None:
    """The accuracies are those of test queries, with their number of episodes."""

    def judge(result: Experiment) -> None:
        expect(len(result.accuracies), "points of the curve").at_least(3)
        for accuracy in result.accuracies:
            expect(accuracy.mean, "the accuracy, when half of the test queries are right").close_to(0.5, atol=1e-6)
            expect(accuracy.n, "the number of independent trials").at_least(4)
            expect(accuracy.low, "the lower end of the interval").between(0, 0.5001)
            expect(accuracy.high, "the upper end").between(0.4999, 1)
        expect(result.drawn("test"), "test episodes drawn").at_least(10)

    experiment(student, judge, 6, 2, num_classes=6, num_samples=1)


@check("run_experiment", weight=1, timeout=120)
def trains_the_network_that_it_returns(student: Student, rng: Rng) -> None:
    """The network that it returns is trained, and the same seed gives the same one."""
    lengths_and_seeds = ((1, 3), (25, 3), (25, 3), (25, 4))

    def judge(results: list[Experiment]) -> None:
        ends = [
            np.concatenate([np.ravel(np.asarray(weight)) for weight in result.model.get_weights()])
            for result in results
        ]
        for weights in ends:
            expect(weights, "the weights").is_finite()
        down = float((ends[0] - ends[1]).mean())
        expect(down, "how far 24 more steps move the weights down the slope").at_least(1e-5)
        expect(ends[2], "the weights with the same seed").close_to(ends[1], atol=1e-5)
        expect(ends[3], "the weights with another seed").differs_from(ends[1])

    runs = [{"num_steps": steps, "eval_every": 100, "seed": seed} for steps, seed in lengths_and_seeds]
    experiments(student, judge, *runs)


# StackedMANN, BetterMANN, MemoryMANN ----------------------------------------------------------------------------------


@check("StackedMANN", weight=2, timeout=120)
def keeps_the_contract_at_every_depth(student: Student, rng: Rng) -> None:
    """With any weights the query's labels are hidden, nothing looks ahead, and every layer takes part."""
    for layers, samples, way in ((2, 3, 2), (3, 2, 4)):
        model = built(student.StackedMANN(way, samples, layers), samples, way, rng)
        hides_query_labels(model, rng, samples, way)
        uses_support(model, rng, samples, way)
        expect(looks_ahead(model, rng, samples, way), "the change of an answer with later samples").at_most(1e-5)
        images, labels = episodes(rng, 2, samples, way)
        before = logits(model, images, labels)
        weights = [np.asarray(weight) for weight in model.get_weights()]
        for number, weight in enumerate(weights):
            if weight.ndim == 2:
                changed = list(weights)
                changed[number] = weight + rng.normal(scale=0.1, size=weight.shape).astype(np.float32)
                model.set_weights(changed)
                expect(logits(model, images, labels), "the answers, with another kernel").differs_from(before)
        model.set_weights(weights)


@check("BetterMANN", weight=1, timeout=90)
def hides_the_query_labels_in_training_too(student: Student, rng: Rng) -> None:
    """With any weights, and in training too, the query's labels are hidden."""
    probes = student.module(PROBES)
    model = student.BetterMANN(5, 2)
    logits(model, *episodes(rng, 1, 2, 5))
    weights = [np.asarray(weight) for weight in model.get_weights()]
    model.set_weights([weight + rng.normal(scale=0.02, size=weight.shape).astype(np.float32) for weight in weights])
    hides_query_labels(model, rng, 2, 5)
    images, labels = episodes(rng, 3, 2, 5)
    for training in (False, True):
        slopes = np.asarray(probes.sensitivity(model, images, labels, training))
        expect(float(slopes[-1].max()), "the slope of the answers along the labels of the query").at_most(1e-6)


# Private episodes of embedded characters, turned by 90 degrees and mirrored: 5-way, 1-shot, 300 of them. The course
# asks for 63.6 %; weights at that level stay above 56 % with probability above 0.99999 (episode means have a deviation
# below 0.25).
GOOD, FAIR = 0.56, 0.40
PRIVATE = 300


def private_episodes(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Episodes of the embedded test characters: float32 [300, 2, 5, 784], and [300, 5] from 0 to 4."""
    from course_utils.data import load_omniglot, split_characters
    from course_utils.episodes import as_floats, sample_episodes

    images = split_characters(load_omniglot("embedded"))["test"].images
    images = np.rot90(images, axes=(2, 3))[:, :, :, ::-1]
    found = sample_episodes(np.ascontiguousarray(images), 5, 1, 1, PRIVATE, rng)
    return as_floats(found.images.swapaxes(1, 2).reshape(PRIVATE, 2, 5, 784)), np.tile(np.arange(5), (PRIVATE, 1))


def accuracy_of_weights(student: Student, rng: Rng) -> float:
    """The accuracy of the weights that were handed in, on private episodes, the same for all who ask."""
    return student.once("accuracy of the trained BetterMANN", lambda: accuracy(with_trained_weights(student), rng))


def accuracy(model: Any, rng: Rng) -> float:
    """The accuracy of a network on private episodes; the labels of the query never leave this side."""
    images, answers = private_episodes(rng)
    order = rng.permuted(answers, axis=1)
    images[:, 1] = np.take_along_axis(images[:, 1], order[..., None], axis=1)
    labels = np.zeros((PRIVATE, 2, 5, 5), np.float32)
    labels[:, 0] = np.eye(5)
    labels[:, 1] = np.eye(5)[rng.permuted(answers, axis=1)]
    right = []
    for start in range(0, PRIVATE, 100):
        block = slice(start, start + 100)
        said = logits(model, images[block], labels[block], training=False)
        right.append(said[:, -1].argmax(-1) == order[block])
    return float(np.concatenate(right).mean())


@check("trained_better_mann", weight=1, timeout=90)
def answers_private_episodes(student: Student, rng: Rng) -> None:
    """The weights answer private episodes far better than guessing."""
    expect(accuracy_of_weights(student, rng), "accuracy on private episodes").at_least(FAIR)


@check("trained_better_mann", weight=1, timeout=90)
def answers_most_private_episodes(student: Student, rng: Rng) -> None:
    """The weights answer private episodes about as well as the task asks for."""
    expect(accuracy_of_weights(student, rng), "accuracy on private episodes").at_least(GOOD)


@check("trained_better_mann", weight=2, timeout=120)
def has_learned(student: Student, rng: Rng) -> None:
    """The weights do better than those that the network starts with."""
    trained = accuracy_of_weights(student, rng)
    # Convolutions with random weights are a fair judge of likeness already: 64 to 72 % were measured.
    untrained = accuracy(student.BetterMANN(5, 2), rng)
    expect(trained, "accuracy on private episodes").at_least(min(untrained + 0.1, 0.93))


@check("MemoryMANN", weight=1, timeout=90)
def keeps_the_contract_with_any_weights(student: Student, rng: Rng) -> None:
    """With any weights the query's labels are hidden, and nothing looks ahead."""
    model = built(student.MemoryMANN(3, 3), 3, 3, rng)
    hides_query_labels(model, rng, 3, 3)
    uses_support(model, rng, 3, 3)
    expect(looks_ahead(model, rng, 3, 3), "the change of an answer with later samples").at_most(1e-5)


@check("MemoryMANN", weight=2, timeout=60)
def writes_where_it_read_or_to_the_least_used(student: Student, rng: Rng) -> None:
    """It writes to where it read in the step before and to one other slot, the one that was of least use."""
    model = built(student.MemoryMANN(3, 3), 3, 3, rng, scale=0.3)
    written, read = addressing(model, *episodes(rng, 4, 3, 3))
    expect(written.sum(-1), "the sum of the write weights of each step after the first").between(-0.01, 1.01)
    decays = np.array([1.0, 0.99, 0.98, 0.97, 0.96, 0.95, 0.9, 0.85, 0.8, 0.7, 0.5])
    usage = np.zeros((len(decays), *read[:, 0].shape))
    for step in range(1, read.shape[1]):
        usage = decays[:, None, None] * usage + read[:, step - 1] + written[:, step - 1]
        for episode in range(len(read)):
            fits = [_fits(written[episode, step], read[episode, step - 1], used[episode]) for used in usage]
            expect(any(fits), "the write weights").is_true(
                "a mixture of the last read weights and one slot of least usage", got="other write weights"
            )


def _fits(written: np.ndarray, read: np.ndarray, usage: np.ndarray) -> bool:
    """Whether written = g * read + (1 - g) * (one of the least used slots) for a gate g in [0, 1]."""
    for slot in np.flatnonzero(usage <= usage.min() + 1e-4):
        free = np.zeros_like(read)
        free[slot] = 1
        along = read - free
        gate = float(np.clip((written - free) @ along / max(along @ along, 1e-12), 0, 1))
        if np.abs(gate * read + (1 - gate) * free - written).max() < 2e-3:
            return True
    return False

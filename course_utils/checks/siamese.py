"""The public checks of 03_siamese, which students run in their own notebook."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.student import Student

Rng = np.random.Generator
PROBES = "course_utils.checks.one_shot_probes"
SHAPE = (32, 32, 3)


# Images that can be told apart ----------------------------------------------------------------------------------------


def coded_images(rng: Rng, classes: int, images: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """uint8 [classes, images, H, W, C]: noise in blocks of 4x4 pixels, different in each image."""
    height, width, channels = shape
    blocks = rng.integers(0, 256, (classes, images, -(-height // 4), -(-width // 4), channels), dtype=np.uint8)
    return blocks.repeat(4, axis=2).repeat(4, axis=3)[:, :, :height, :width]


def as_floats(images: np.ndarray) -> np.ndarray:
    """uint8 -> float32 in [0, 1]."""
    return (images / 255).astype(np.float32)


def numbers_of(images: Any, data: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """(class, number) in `data`, uint8 by class, of each image. Unmet where one is none of them or not in [0, 1]."""
    expect(images, what).has_shape((None, *data.shape[2:])).has_dtype(
        "float32", hint="Convert with .astype(np.float32)."
    ).between(0, 1, why="Networks like inputs of the size of 1.", hint="Divide uint8 by 255, once.")
    known = {image.tobytes(): number for number, image in enumerate(data.reshape(-1, *data.shape[2:]))}
    pixels = np.round(np.asarray(images, float) * 255).astype(np.uint8)
    numbers = np.array([known.get(image.tobytes(), -1) for image in pixels])
    exact = np.abs(np.asarray(images, float) * 255 - pixels).max() if len(pixels) else 0.0
    expect(int((numbers < 0).sum()) if exact < 0.01 else len(numbers), f"{what}: images that are none of X").equals(
        0, hint="Take the images from X, and leave floats in [0, 1] as they are; uint8 is divided by 255."
    )
    return numbers // data.shape[1], numbers % data.shape[1]


def two(value: Any, what: str) -> tuple[Any, Any]:
    """The two parts of a tuple."""
    if not (isinstance(value, tuple) and len(value) == 2):
        expect(value, what).is_true(
            "a tuple of two",
            why="Keras 3 takes a list for something else than two inputs.",
            hint="return (first, second), targets",
        )
    return value[0], value[1]


# split_by_class -------------------------------------------------------------------------------------------------------


def mixed(rng: Rng, classes: int, images: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(data by class, the same images in a mixed order, their labels)."""
    data = coded_images(rng, classes, images)
    order = rng.permutation(classes * images)
    return data, data.reshape(-1, *SHAPE)[order], order // images


def split_classes(value: Any, data: np.ndarray, num_train: int) -> tuple[list[int], list[int]]:
    """The classes of both parts, each of which must be whole."""
    parts = value if isinstance(value, (tuple, list)) and len(value) == 2 else two(value, "what split_by_class returns")
    classes, images = data.shape[:2]
    found = []
    for part, count, name in zip(parts, (num_train, classes - num_train), ("training", "held-out"), strict=True):
        expect(part, f"the {name} classes").has_shape(
            (count, images, *data.shape[2:]), hint="(classes, images of a class, height, width, channels)."
        )
        pixels = np.asarray(part)
        if pixels.dtype.kind == "f":
            pixels = pixels * 255 if pixels.max() <= 1 else pixels
        pixels = np.round(pixels).astype(np.uint8).astype(np.float32) / np.float32(255)
        rows, numbers = numbers_of(pixels.reshape(-1, *data.shape[2:]), data, f"the {name} images")
        rows, numbers = rows.reshape(count, images), np.sort(numbers.reshape(count, images), axis=1)
        expect(bool((rows == rows[:, :1]).all()), f"the rows of the {name} classes").is_true(
            "images of one class in each row",
            got="several classes in one row",
            hint="The data come in any order: sort them by class before you reshape, np.argsort(y, kind='stable').",
        )
        expect(numbers, "the images of each class").equals(
            np.broadcast_to(np.arange(images), numbers.shape), hint="Each image once, in the row of its class."
        )
        found.append([int(row) for row in rows[:, 0]])
    return found[0], found[1]


@check("split_by_class", weight=2)
def sorts_by_class(student: Student, rng: Rng) -> None:
    """Each row of the result has the images of one class, in whatever order the data come."""
    data, x, y = mixed(rng, 7, 6)
    split_classes(student.split_by_class(x, y, 4), data, 4)


@check("split_by_class", weight=2)
def shares_no_class(student: Student, rng: Rng) -> None:
    """No class is in both parts."""
    data, x, y = mixed(rng, 9, 4)
    train, held_out = split_classes(student.split_by_class(x, y, 6), data, 6)
    expect(sorted(train + held_out), "the classes of both parts").equals(
        list(range(9)), why="A class that was trained on says nothing about new ones.", hint="Each class once."
    )


# get_batch ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """What get_batch returned, made out: (class, number) of the left and the right images, and the targets."""

    left: tuple[np.ndarray, np.ndarray]
    right: tuple[np.ndarray, np.ndarray]
    targets: np.ndarray


def drawn_pairs(student: Student, batch_size: int, data: np.ndarray, rng: Any, floats: bool = False) -> Pairs:
    """A batch of pairs from `data`."""
    value = student.get_batch(batch_size, as_floats(data) if floats else data, rng)
    images, targets = two(value, "what get_batch returns")
    left, right = two(images, "the images")
    expect(np.shape(targets), "the shape of the targets").is_true(
        f"({batch_size},) or ({batch_size}, 1)", got=str(np.shape(targets))
    ) if np.shape(targets) not in ((batch_size,), (batch_size, 1)) else None
    values = np.ravel(np.asarray(targets))
    expect(bool(np.isin(values, (0, 1)).all()), "the targets").is_true("0 or 1", got="other numbers")
    for part, name in ((left, "the left images"), (right, "the right images")):
        expect(part, name).has_shape((batch_size, *data.shape[2:]))
    return Pairs(
        numbers_of(left, data, "the left images"), numbers_of(right, data, "the right images"), values.astype(int)
    )


def fresh(student: Student, rng: Rng) -> Any:
    """A generator on the student's side."""
    return student.module(PROBES).generator(int(rng.integers(2**31)))


@check("get_batch", weight=1)
def gives_pairs_with_targets(student: Student, rng: Rng) -> None:
    """It gives ((left, right), targets): float32 in [0, 1], and 0 or 1 for each pair."""
    data = coded_images(rng, 5, 6)
    for batch_size in (6, 4, 9):
        drawn_pairs(student, batch_size, data, fresh(student, rng))


@check("get_batch", weight=2)
def targets_say_whether_the_class_is_the_same(student: Student, rng: Rng) -> None:
    """The target is 1 where both images are of one class, and 0 where they are not."""
    found = drawn_pairs(student, 60, coded_images(rng, 4, 7), fresh(student, rng))
    expect(found.targets, "the targets").equals(
        (found.left[0] == found.right[0]).astype(int),
        hint="1 for one class, 0 for two, in the order of the pairs; two classes means two different ones.",
    )


@check("get_batch", weight=1)
def half_of_the_pairs_are_of_one_class(student: Student, rng: Rng) -> None:
    """Half of the pairs are of one class, half of two."""
    data = coded_images(rng, 8, 5)
    for batch_size in (2, 10, 32):
        found = drawn_pairs(student, batch_size, data, fresh(student, rng))
        expect(int((found.left[0] == found.right[0]).sum()), f"pairs of one class, of {batch_size}").equals(
            batch_size // 2,
            why="With a class drawn at random for both sides pairs of one class would be rare.",
            hint="Exactly half of them in each batch.",
        )


@check("get_batch", weight=1)
def pairs_have_two_different_images(student: Student, rng: Rng) -> None:
    """The two images of a pair of one class are not the same image."""
    found = drawn_pairs(student, 200, coded_images(rng, 3, 3), fresh(student, rng))
    same = (found.left[0] == found.right[0]) & (found.left[1] == found.right[1])
    expect(int(same.sum()), "pairs of an image with itself").equals(
        0, why="They are alike pixel by pixel, which teaches nothing.", hint="Draw the two without replacement."
    )


# build_siamese_network ------------------------------------------------------------------------------------------------


def siamese(student: Student, rng: Rng, shape: tuple[int, ...] = SHAPE) -> tuple[Any, Any, np.ndarray]:
    """(the probes, a Siamese network with shaken weights, images float32 [6, H, W, C])."""
    probes = student.module(PROBES)
    model = student.build_siamese_network(shape)
    images = as_floats(coded_images(rng, 1, 6, shape)[0])
    probes.likeness(model, images, images)
    probes.shaken(model, int(rng.integers(2**31)))
    return probes, model, images


@check("build_siamese_network", weight=1, timeout=60)
def gives_a_probability_for_each_pair(student: Student, rng: Rng) -> None:
    """It gives one probability for each pair, (B, 1), that depends on both images."""
    probes, model, images = siamese(student, rng)
    for count in (1, 6):
        said = probes.likeness(model, images[:count], images[::-1][:count])
        expect(said, f"the likeness of {count} pairs").has_shape((count, 1)).between(0, 1)
    itself = probes.likeness(model, images, images)
    for others in ((images, images[::-1]), (images[::-1], images)):
        change = np.abs(np.asarray(probes.likeness(model, *others), float) - np.asarray(itself, float))
        expect(float(change.max()), "how much the likeness changes with another image").at_least(1e-6)


@check("build_siamese_network", weight=2, timeout=60)
def treats_both_sides_alike(student: Student, rng: Rng) -> None:
    """Swapping left and right changes nothing."""
    probes, model, images = siamese(student, rng)
    one = probes.likeness(model, images, images[::-1])
    other = probes.likeness(model, images[::-1], images)
    expect(other, "the likeness with the images swapped").close_to(
        np.asarray(one), atol=1e-5, hint="Encode both with one and the same encoder, and compare with |a - b|."
    )


@check("build_siamese_network", weight=2, timeout=60)
def encodes_both_with_the_same_layers(student: Student, rng: Rng) -> None:
    """Every image is equally like itself: both sides share one encoder."""
    probes, model, images = siamese(student, rng)
    itself = np.asarray(probes.likeness(model, images, images), float)
    expect(float(np.ptp(itself)), "the spread of the likeness of six images with themselves").at_most(
        1e-5,
        why="An image's features differ from themselves by 0, whatever the image, if both sides are the same encoder.",
        hint="Build one encoder, and call it twice.",
    )


STEPS = 18


def lesson(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """16 easy pairs: half of one colour with different noise, half of two colours."""
    colours = np.array([[0.9, 0.1, 0.1], [0.1, 0.9, 0.1], [0.1, 0.1, 0.9], [0.9, 0.9, 0.1]])
    one = np.tile(np.arange(4), 4)
    same = np.arange(16) < 8
    other = np.where(same, one, (one + 1 + np.arange(16) // 6) % 4)
    noise = rng.normal(scale=0.05, size=(2, 16, *SHAPE))
    left, right = (np.clip(colours[c][:, None, None] + part, 0, 1) for c, part in zip((one, other), noise, strict=True))
    return left.astype(np.float32), right.astype(np.float32), same.astype(np.float32)


@dataclass(frozen=True)
class Taught:
    """A short training: the losses, and the mean likeness of pairs of one class and of two, afterwards."""

    losses: tuple[float, ...]
    same: float
    different: float


def short_training(student: Student, rng: Rng) -> Taught:
    """Train a Siamese network on easy pairs for a few steps; done once while a notebook is checked."""

    def observe() -> Taught:
        left, right, targets = lesson(rng)
        model = student.build_siamese_network(SHAPE)
        found = student.module(PROBES).taught(model, left, right, targets, STEPS, 0.003)
        losses, said = found[0], np.ravel(np.asarray(found[1], float))
        return Taught(
            tuple(float(loss) for loss in losses), float(said[targets == 1].mean()), float(said[targets == 0].mean())
        )

    return student.once("short training of build_siamese_network", observe)


@check("build_siamese_network", weight=2, timeout=90)
def learns_to_compare(student: Student, rng: Rng) -> None:
    """A little training lowers its loss, and makes the likeness of pairs of one class higher than that of others."""
    taught = short_training(student, rng)
    best, start = min(taught.losses[-3:]), taught.losses[0]
    expect(best, f"the loss on 16 easy pairs after {STEPS} steps, {start:.2f} before").at_most(
        max(0.3, min(0.6, 0.9 * start)),
        hint="The last layer gives a probability, which has to be able to go up and down.",
    )
    expect(taught.same - taught.different, "likeness of pairs of one class minus that of the others").at_least(
        0.1, hint="1 for alike, 0 for different: not a distance."
    )


# make_oneshot_task ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """A one-shot task, made out: class and number of the test image and of the support images, and the right place."""

    test: tuple[int, int]
    classes: np.ndarray
    numbers: np.ndarray
    place: int


def drawn_task(student: Student, way: int, data: np.ndarray, rng: Any, floats: bool = False) -> Task:
    """A task from `data`, if it has the form that is asked for."""
    value = student.make_oneshot_task(way, as_floats(data) if floats else data, rng)
    images, targets = two(value, "what make_oneshot_task returns")
    test, support = two(images, "the images")
    for part, name in ((test, "the test images"), (support, "the support images")):
        expect(part, name).has_shape((way, *data.shape[2:]), hint="N times the test image, and N support images.")
    values = np.ravel(np.asarray(targets))
    expect(values, "the targets").has_shape((way,))
    expect(bool(np.isin(values, (0, 1)).all() and values.sum() == 1), "the targets").is_true(
        "a single 1, the rest 0", got="other numbers"
    )
    test_class, test_number = numbers_of(test, data, "the test images")
    expect(len({*zip(test_class.tolist(), test_number.tolist(), strict=True)}), "different test images").equals(
        1, hint="One test image, repeated N times."
    )
    classes, numbers = numbers_of(support, data, "the support images")
    return Task((int(test_class[0]), int(test_number[0])), classes, numbers, int(values.argmax()))


def tasks(student: Student, count: int, way: int, data: np.ndarray, rng: Rng) -> list[Task]:
    """Several tasks, drawn with one generator."""
    shared = fresh(student, rng)
    return [drawn_task(student, way, data, shared) for _ in range(count)]


@check("make_oneshot_task", weight=1)
def gives_a_test_image_and_supports(student: Student, rng: Rng) -> None:
    """It gives ((N times the test image, N support images), targets with a single 1)."""
    data = coded_images(rng, 8, 5)
    for way in (2, 5, 8):
        drawn_task(student, way, data, fresh(student, rng))


@check("make_oneshot_task", weight=2)
def has_its_mate_where_the_target_says(student: Student, rng: Rng) -> None:
    """The support image with the target 1 is of the test image's class, and another image of it."""
    for task in tasks(student, 12, 4, coded_images(rng, 6, 3), rng):
        expect(int(task.classes[task.place]), "the class of the support image with the target 1").equals(
            task.test[0], hint="The test image's class."
        )
        expect(int(task.numbers[task.place]) != task.test[1], "its image").is_true(
            "another image of the test image's class",
            got="the test image itself",
            why="It could be recognised pixel by pixel.",
            hint="Draw two images of the class without replacement.",
        )


@check("make_oneshot_task", weight=1)
def has_distinct_classes(student: Student, rng: Rng) -> None:
    """The support images are of N different classes."""
    for task in tasks(student, 12, 5, coded_images(rng, 6, 3), rng):
        expect(len(set(task.classes.tolist())), "different classes among 5 support images").equals(
            5, hint="Draw the classes without replacement."
        )


@check("make_oneshot_task", weight=1)
def puts_the_answer_in_a_random_place(student: Student, rng: Rng) -> None:
    """The right answer stands in a random place."""
    places = {task.place for task in tasks(student, 24, 3, coded_images(rng, 4, 3), rng)}
    # That only one of 3 places comes up in 24 draws has a probability of 10^-11.
    expect(len(places), "different places of the right answer in 24 tasks").at_least(
        2, why="Otherwise a network that always says the first is perfect."
    )


# oneshot_accuracy -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """What oneshot_accuracy returned."""

    mean: float
    low: float
    high: float


def told_images(classes: int, images: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """uint8 [classes, images, H, W, C]: pictures that show their class and their number."""
    data: np.ndarray = np.full((classes, images, *shape), 90, np.uint8)
    data[..., 0] = np.arange(classes)[:, None, None, None]
    data[..., 1] = np.arange(images)[:, None, None]
    return data


def told_tasks(student: Student, rng: Rng, data: np.ndarray, way: int, count: int) -> Any:
    """A stand-in for make_oneshot_task that gives tasks drawn here, in small pictures."""
    small = as_floats(data[:, :, :4, :4])
    classes = rng.permuted(np.tile(np.arange(len(small)), (count, 1)), axis=1)[:, :way]
    places = rng.integers(way, size=count)
    numbers = rng.integers(data.shape[1], size=(count, way))
    mates = numbers[np.arange(count), places]
    test_numbers = (mates + rng.integers(1, data.shape[1], size=count)) % data.shape[1]
    test = small[classes[np.arange(count), places], test_numbers]
    return student.module(PROBES).ToldTasks(test, small[classes, numbers], places, data.shape[:2])


def accuracy_of(value: Any) -> Measured:
    """Mean and interval, of an `evaluation.Accuracy` or of three numbers."""
    if isinstance(value, (tuple, list)):
        expect(value, "the accuracy").has_length(3, hint="(mean, low, high).")
        mean, low, high = value
    else:
        mean, low, high = value.mean, value.low, value.high
    for number, name in ((mean, "the mean"), (low, "the interval's lower end"), (high, "the interval's upper end")):
        expect(number, name).has_shape(()) if isinstance(number, np.ndarray) else None
        expect(number, name).between(0, 1, hint="Fractions, not per cent.")
    expect(bool(low <= mean <= high), "the mean").is_true("between the ends of its interval", got="outside")
    return Measured(float(mean), float(low), float(high))


def measured(
    student: Student, rng: Rng, judge: Callable[[Measured], None], kind: str, way: int, count: int, shape: str = "flat"
) -> None:
    """Judge oneshot_accuracy with a told score; with the student's own tasks or told ones, whichever works."""
    probes = student.module(PROBES)
    data = told_images(way + 2, 10)

    def attempt() -> None:
        score = probes.ToldScore(kind, shape)
        judge(accuracy_of(student.oneshot_accuracy(score, data, N=way, k=count, rng=fresh(student, rng))))

    stand_in = {"make_oneshot_task": told_tasks(student, rng, data, way, count)}
    either(attempt, with_stand_ins(student, stand_in, attempt))


@check("oneshot_accuracy", weight=1, timeout=60)
def is_perfect_where_the_score_is(student: Student, rng: Rng) -> None:
    """A score that knows the classes gets 100 %, one that has them the wrong way round 0 %."""

    def perfect(found: Measured) -> None:
        expect(found.mean, "the accuracy of a score that knows the classes").equals(
            1.0, hint="The answer is the support image with the highest score: argmax."
        )

    def hopeless(found: Measured) -> None:
        expect(found.mean, "the accuracy of a score that is lowest for the right answer").equals(0.0)

    measured(student, rng, perfect, "right", 5, 30)
    measured(student, rng, hopeless, "wrong", 5, 30)


def near(expected: float, count: int, what: str, **texts: str) -> Callable[[Measured], None]:
    """The demand that the mean over `count` tasks is near its expectation, to within five deviations."""
    # Five deviations of a mean of independent tasks: a right answer is outside in 1 of 1,700,000.
    deviation = 5 * (expected * (1 - expected) / count) ** 0.5

    def judge(found: Measured) -> None:
        expect(found.mean, what).between(max(0.0, expected - deviation), min(1.0, expected + deviation), **texts)

    return judge


@check("oneshot_accuracy", weight=2, timeout=60)
def gives_guessing_to_a_constant_score(student: Student, rng: Rng) -> None:
    """A score that always says the same gets 1/N."""
    judge = near(
        0.2,
        200,
        "the accuracy of a constant score in 5-way tasks",
        why="A network that has collapsed knows nothing, and must not look better than guessing.",
        hint="Of several highest scores choose one at random, or share the point.",
    )
    measured(student, rng, judge, "constant", 5, 200)


@check("oneshot_accuracy", weight=1, timeout=60)
def comes_with_an_interval(student: Student, rng: Rng) -> None:
    """It comes with a 95 % interval, narrower for more tasks."""

    def judge(found: Measured, count: int) -> None:
        # Half of the tasks are answered rightly: 2 * 1.96 * sqrt(0.25 / k), give or take.
        expected = 2 * 1.96 * (0.25 / count) ** 0.5
        expect(found.high - found.low, f"the width of the interval of {count} tasks").between(
            0.6 * expected, 1.4 * expected, hint="evaluation.Accuracy.of(correct, protocol=..., split=...) computes it."
        )

    for count in (40, 360):
        measured(student, rng, functools.partial(judge, count=count), "even", 3, count)


# build_classifier and neural_codes ------------------------------------------------------------------------------------


@check("build_classifier", weight=1, timeout=60)
def gives_class_probabilities(student: Student, rng: Rng) -> None:
    """It gives probabilities of num_classes classes, 80 by default."""
    probes = student.module(PROBES)
    images = as_floats(coded_images(rng, 1, 3)[0])
    for model, classes in ((student.build_classifier(7), 7), (student.build_classifier(), 80)):
        probes.outputs(model, images)
        said = probes.outputs(model, images)
        expect(said, "the probabilities").has_shape((3, classes)).between(0, 1)
        expect(np.asarray(said, float).sum(-1), "the sum of the probabilities of an image").close_to(
            np.ones(3), atol=1e-4, hint="activation='softmax'"
        )


def colours(rng: Rng, classes: int, images: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of noise around a colour for each class, float32 [n, 32, 32, 3], and their classes."""
    labels = np.tile(np.arange(classes), images)
    shades = rng.permuted(np.linspace(0.05, 0.95, classes * 3)).reshape(classes, 3)
    noise = rng.normal(scale=0.05, size=(len(labels), *SHAPE))
    return np.clip(shades[labels][:, None, None] + noise, 0, 1).astype(np.float32), labels


@check("build_classifier", weight=1, timeout=90)
def learns_colours(student: Student, rng: Rng) -> None:
    """A little training lowers its loss."""
    images, labels = colours(rng, 5, 3)
    losses = student.module(PROBES).taught_classifier(student.build_classifier(5), images, labels, 14, 0.004)
    expect(min(losses[-3:]), f"the loss on 15 easy images after 14 steps, {losses[0]:.2f} before").at_most(
        1.25, hint="ln 5 = 1.61 is guessing."
    )


def codes(student: Student, model: Any, images: np.ndarray) -> np.ndarray:
    """The codes of images, if they have the form of codes."""
    found = student.neural_codes(model, images)
    expect(found, "the codes").has_shape((len(images), None), hint="(B, D): a vector for each image.").is_finite()
    return np.asarray(found, float)


def with_classifiers(student: Student, rng: Rng, judge: Callable[[Any, Any], None]) -> None:
    """Judge neural_codes with the student's own classifier, or else with a stand-in."""
    probes = student.module(PROBES)

    def own() -> None:
        model = student.build_classifier(6)
        probes.outputs(model, np.zeros((1, *SHAPE), np.float32))
        probes.shaken(model, int(rng.integers(2**31)))
        judge(probes, model)

    def stand_in() -> None:
        judge(probes, probes.frozen_classifier(int(rng.integers(2**31)), 6))

    either(own, stand_in)


@check("neural_codes", weight=2, timeout=60)
def gives_a_code_for_each_image(student: Student, rng: Rng) -> None:
    """It gives a code for each image, the same for uint8 as for floats, and the same alone as in a batch."""
    data = coded_images(rng, 1, 5)[0]

    def judge(probes: Any, model: Any) -> None:
        found = codes(student, model, data)
        size = 1e-4 * max(1.0, float(np.abs(found).max()))
        expect(codes(student, model, as_floats(data[1:2])), "the code of one image, as float32 in [0, 1]").close_to(
            found[1:2],
            atol=size,
            rtol=1e-3,
            why="In training mode the code of an image would depend on the others of its batch, or on chance.",
            hint="Divide uint8 by 255, leave floats alone, and use model.predict or training=False.",
        )
        expect(float(np.ptp(found, axis=0).max()), "how much the codes differ from image to image").at_least(1e-5)

    with_classifiers(student, rng, judge)


@check("neural_codes", weight=1, timeout=60)
def comes_from_a_hidden_layer(student: Student, rng: Rng) -> None:
    """The codes do not depend on the last layer's weights, but on those before it."""
    data = as_floats(coded_images(rng, 1, 4)[0])

    def judge(probes: Any, model: Any) -> None:
        before = codes(student, model, data)
        size = 1e-4 * max(1.0, float(np.abs(before).max()))
        arrays = list(probes.kernels(model))
        probes.scale_weight(model, arrays[-1], 1.7)
        expect(codes(student, model, data), "the codes, after a change of the last layer's weights").close_to(
            before,
            atol=size,
            rtol=1e-3,
            why="What the last layer says is about the 80 classes, not about new ones.",
            hint="Take the output of a layer before the last.",
        )
        probes.scale_weight(model, arrays[0], -0.6)
        change = np.abs(codes(student, model, data) - before).max()
        expect(float(change), "the change of the codes with the first layer's weights").at_least(size)

    with_classifiers(student, rng, judge)


# nearest_support ------------------------------------------------------------------------------------------------------


def closest(queries: np.ndarray, support: np.ndarray) -> np.ndarray:
    """The answer: the index of the closest in L2."""
    return ((queries[:, None].astype(float) - support[None]) ** 2).sum(-1).argmin(1)


@check("nearest_support", weight=1)
def finds_the_closest(student: Student, rng: Rng) -> None:
    """It finds the index of the closest support code of each query, in L2."""
    support = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]], np.float32)
    queries = np.array([[1.0, 0.5], [3.0, 1.0], [0.5, 9.0], [3.5, -2.0]], np.float32)
    found = student.nearest_support(queries, support)
    expect(found, "the indices").has_shape((4,), hint="One for each query.").equals(
        np.array([0, 1, 2, 1]), hint="The smallest distance, along the axis of the support codes."
    )


# Trained weights ------------------------------------------------------------------------------------------------------

WEIGHTS = "trained/classifier.weights.h5"


def trained_classifier(student: Student) -> Any:
    """build_classifier(80) with the weights that were handed in."""
    student.module("course_utils.training").read_weights(WEIGHTS)
    model = student.build_classifier(80)
    student.module(PROBES).outputs(model, np.zeros((1, *SHAPE), np.float32))
    model.load_weights(WEIGHTS)
    return model


@check("trained_classifier", weight=1, timeout=60)
def hands_in_weights_that_fit(student: Student, rng: Rng) -> None:
    """The folder `trained` holds weights that build_classifier(80) can load."""
    said = student.module(PROBES).outputs(trained_classifier(student), as_floats(coded_images(rng, 1, 3)[0]))
    expect(said, "the probabilities").has_shape((3, 80)).between(0, 1)

"""The hidden checks of 01_sequence_lstm: other inputs, and what the public checks leave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks import motion, training_runs
from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.lstm_oracle import probabilities, readings
from course_utils.checks.neighbours import either, with_stand_ins
from course_utils.checks.probes import digests
from course_utils.checks.sequence_lstm import PX, ROWS, augmented, harmless, keeps_label, pair, random_weights
from course_utils.checks.student import Student
from course_utils.checks.wire import Tensor

Rng = np.random.Generator

# build_augmentation_model ---------------------------------------------------------------------------------------


@check("build_augmentation_model", weight=1)
def shifts_by_20_percent_at_most(student: Student, rng: Rng) -> None:
    """It shifts by at most 20 % of height and width."""
    # A shift by 0.2 along both axes may be turned afterwards: 0.2 * sqrt(2) in any direction. 0.02 is half a pixel,
    # for interpolation.
    moved = motion.displacements(augmented(student, np.repeat(motion.disc()[None], 300, axis=0)))
    expect(np.hypot(*moved.T), "the shifts, as a part of the side").at_most(0.2 * np.sqrt(2) + 0.02)


@check("build_augmentation_model", weight=1)
def turns_by_36_degrees_at_most(student: Student, rng: Rng) -> None:
    """It turns by at most 36 degrees."""
    # Nearest-neighbour interpolation makes the measured angle uncertain by up to 7 degrees.
    turned = motion.degrees_turned(augmented(student, np.repeat(motion.bar()[None], 300, axis=0)))
    expect(np.abs(turned), "the rotations, in degrees").at_most(36 + 8)


@check("build_augmentation_model", weight=1)
def draws_no_second_stroke(student: Student, rng: Rng) -> None:
    """It shows each stroke at most once, and never its mirror image."""
    hook = motion.hook()
    changed = np.asarray(augmented(student, np.repeat(hook[None], 100, axis=0)))
    # Up to 3 % seem mirrored though they are not: 20 of 100 in less than 1 of 10^10. Of real flips half are mirrored.
    expect(int(motion.mirrored(changed, hook).sum()), "mirrored images (of 100)").at_most(20)
    expect(changed.sum(axis=(1, 2, 3)) / hook.sum(), "the ink of augmented images, as a part of the original").between(
        0.75, 1.25
    )
    for turns in range(4):
        patch = motion.patch_at_border(turns)
        changed = np.asarray(augmented(student, np.repeat(patch[None], 48, axis=0)))
        ink = changed.sum(axis=(1, 2, 3)) / patch.sum()
        # Nearest-neighbour interpolation may show a pixel of the patch twice, at most every fifth of them.
        expect(ink, "the ink of a stroke at the border, as a part of the original").between(0, 1.25)
        opposite = np.rot90(changed, -turns, axes=(1, 2))[:, :, -8:]
        expect(opposite, "the side across from a stroke at the border").between(0, 0.01)


@check("build_augmentation_model", weight=2, timeout=60)
def draws_anew_for_each_image(student: Student, rng: Rng) -> None:
    """It draws anew for each image: of a batch, of a data set, and in each epoch."""
    tf, probes = student.module("tensorflow"), student.module("course_utils.checks.probes")
    discs = np.repeat(motion.disc()[None], 40, axis=0)
    model = probes.in_training(student.build_augmentation_model())
    first, second = (motion.displacements(model(Tensor(discs))) for _ in range(2))
    mapped = tf.data.Dataset.from_tensor_slices(discs).map(probes.in_training(student.build_augmentation_model()))
    epochs = [motion.displacements(np.stack(list(mapped))) for _ in range(2)]
    # Two draws whose shifts agree within 1 % of the side along both axes: less than 1 of 100 (whole pixels: 1 of 81).
    # Among 39 pairs more than 20 such ones never happen.
    for what, these, those in (
        ("images of a batch", first[:-1], first[1:]),
        ("two batches", first, second),
        ("images of a data set", epochs[0][:-1], epochs[0][1:]),
        ("two epochs", *epochs),
    ):
        different = np.abs(these - those).max(axis=1) > 0.01
        expect(int(different.sum()), f"different draws between {what}").at_least(len(different) // 2)


@check("build_augmentation_model", weight=1)
def serves_batches_in_a_data_set(student: Student, rng: Rng) -> None:
    """It serves single images one after the other, and batches of several sizes in a data set."""
    tf, probes = student.module("tensorflow"), student.module("course_utils.checks.probes")
    images = np.repeat(motion.hook()[None], 10, axis=0)
    data = (
        tf.data.Dataset.from_tensor_slices(images).batch(4).map(probes.in_training(student.build_augmentation_model()))
    )
    for batch, size in zip(list(data), (4, 4, 2), strict=True):
        expect(batch, "a batch of a data set").has_shape((size, 28, 28, 1)).between(-0.01, 1.01)
    model = probes.in_training(student.build_augmentation_model())
    singles = [motion.displacements(np.asarray(model(Tensor(motion.disc())))[None])[0] for _ in range(10)]
    # 10 draws that all agree within 1 %: never.
    expect(float(np.ptp(singles, axis=0).max()), "the range of 10 shifts of single images").at_least(0.02)


# resize_img, normalize_img, reshape_img -------------------------------------------------------------------------


def smooth_image(rng: Rng) -> np.ndarray:
    """float64 (28, 28, 1) from 10 to 250: waves that change little from pixel to pixel, and have no symmetry."""
    row, column = np.mgrid[:28, :28] / 28
    along, across, phase = rng.uniform(0.5, 0.9), rng.uniform(0.2, 0.4), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * (along * row + across * column) + phase) + 1.2 * row + 0.7 * column * row
    return (10 + 240 * (wave - wave.min()) / np.ptp(wave))[..., None]


def block_means(images: np.ndarray) -> np.ndarray:
    """[..., 28, 28, 1] -> [..., 14, 14, 1]: the mean of each 2 x 2 block."""
    images = np.asarray(images, np.float64)
    return images.reshape(*images.shape[:-3], 14, 2, 14, 2, 1).mean(axis=(-4, -2))


@check("resize_img", weight=2)
def shows_the_same_picture(student: Student, rng: Rng) -> None:
    """The small image shows the same picture in the same grey values."""
    for _ in range(3):
        image = np.round(smooth_image(rng))
        for dtype in (np.uint8, np.float32):
            small, _ = pair(student.resize_img(Tensor(image.astype(dtype)), 1))
            expect(small, "the image").has_shape((14, 14, 1))
            # From a pixel to the next the waves change by 15 of 255 at most: sensible interpolations differ by less
            # than 12 on average, and pictures that are turned, mirrored, cut or scaled by more than 30.
            difference = np.abs(np.asarray(small, np.float64) - block_means(image))
            expect(float(difference.mean()), "the mean difference from the mean of each block, of 255").at_most(15)


@check("resize_img", weight=1)
def keeps_constant_images(student: Student, rng: Rng) -> None:
    """An image of one grey stays an image of that grey."""
    for grey in (0, 1, 97, 255):
        small, _ = pair(student.resize_img(Tensor(np.full((28, 28, 1), grey, np.float32)), 2))
        expect(small, "the image").close_to(np.full((14, 14, 1), grey), atol=1.01)


@check("resize_img", weight=1)
def resizes_in_a_data_set(student: Student, rng: Rng) -> None:
    """resize_img works in Dataset.map, on integers and on floats, before or after another step."""
    tf = student.module("tensorflow")
    images = np.stack([np.round(smooth_image(rng)) for _ in range(3)])
    labels = np.array([4, 9, 0])
    for scale, dtype in ((1, np.uint8), (255, np.float32)):
        data = tf.data.Dataset.from_tensor_slices(((images / scale).astype(dtype), labels)).map(student.resize_img)
        for element, image, label in zip(list(data), images, labels, strict=True):
            small, kept = pair(element)
            expect(kept, "the label").equals(label)
            expect(small, "the image").has_shape((14, 14, 1))
            difference = np.abs(np.asarray(small, np.float64) * scale - block_means(image))
            expect(float(difference.mean()), "the mean difference from the mean of each block, of 255").at_most(15)


@check("resize_img", weight=1)
def resizing_keeps_other_labels(student: Student, rng: Rng) -> None:
    """resize_img leaves every label alone, whatever the image shows."""
    keeps_label(student.resize_img, np.zeros((28, 28, 1), np.uint8))
    keeps_label(student.resize_img, rng.random((28, 28, 1), dtype=np.float32))


@check("normalize_img", weight=2)
def divides_whole_numbers_and_floats(student: Student, rng: Rng) -> None:
    """Integers and floats of any size come out as float32, divided by 255."""
    for shape in ((14, 14, 1), (28, 28, 1), (5, 3, 1)):
        for dtype in (np.uint8, np.float32):
            image = (rng.random(shape) * 200).astype(dtype)
            result, _ = pair(student.normalize_img(Tensor(image), 3))
            expect(result, "the image").has_dtype("float32").close_to(image.astype(np.float64) / 255, atol=1e-5)


@check("normalize_img", weight=1)
def divides_extreme_images(student: Student, rng: Rng) -> None:
    """Blank and white images are divided like others."""
    for grey in (0, 1, 255):
        result, _ = pair(student.normalize_img(Tensor(np.full((14, 14, 1), grey, np.uint8)), 3))
        expect(result, "the image").has_dtype("float32").close_to(np.full((14, 14, 1), grey / 255), atol=1e-5)


@check("normalize_img", weight=1)
def normalises_in_a_data_set(student: Student, rng: Rng) -> None:
    """normalize_img works in Dataset.map, and leaves the labels alone."""
    tf = student.module("tensorflow")
    labels = np.array([4, 9, 0])
    for dtype in (np.uint8, np.float32):
        images = rng.integers(0, 256, (3, 14, 14, 1)).astype(dtype)
        data = tf.data.Dataset.from_tensor_slices((images, labels)).map(student.normalize_img)
        for element, image, label in zip(list(data), images, labels, strict=True):
            result, kept = pair(element)
            expect(kept, "the label").equals(label)
            expect(result, "the image").has_dtype("float32").close_to(image.astype(np.float64) / 255, atol=1e-5)


@check("reshape_img", weight=2)
def reads_row_by_row(student: Student, rng: Rng) -> None:
    """The pixel in row i and column j is step 14 i + j."""
    for _ in range(2):
        image = rng.random((14, 14, 1), dtype=np.float32)
        sequence, _ = pair(student.reshape_img(Tensor(image), 5))
        expect(sequence, "the sequence").close_to(image.reshape(196, 1), atol=1e-6)


@check("reshape_img", weight=1)
def reshapes_in_a_data_set(student: Student, rng: Rng) -> None:
    """reshape_img works in Dataset.map, and leaves the labels alone."""
    tf = student.module("tensorflow")
    images, labels = rng.random((3, 14, 14, 1), dtype=np.float32), np.array([4, 9, 0])
    data = tf.data.Dataset.from_tensor_slices((images, labels)).map(student.reshape_img)
    for element, image, label in zip(list(data), images, labels, strict=True):
        sequence, kept = pair(element)
        expect(kept, "the label").equals(label)
        expect(sequence, "the sequence").close_to(image.reshape(196, 1), atol=1e-6)


# load_row_class_data --------------------------------------------------------------------------------------------

SERVED_TRAIN, SERVED_TEST = 8_000, 1_300
LEVELS = 75 + 20 * np.arange(10)


class Unknown(Exception):
    """The loader's images are none of those that were given to it."""


@dataclass(frozen=True)
class World:
    """The images and labels that a loader can load from; `cut` where resizing is replaced by cutting out the middle."""

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    cut: bool = False

    def identify(self, images: Any, split: str) -> np.ndarray:
        """[n] the index of each small image in a split. Unmet if they are no images, Unknown if they are others."""
        expect(images, "the images").is_array().has_shape((None, 14, 14, 1)).has_dtype("float32").between(-0.01, 1.01)
        originals = getattr(self, split)[0]
        small = originals[:, 7:21, 7:21] / 255 if self.cut else block_means(originals) / 255
        known = _standardised(small).T
        parts = np.array_split(_standardised(images), max(1, len(images) // 1000))
        found = np.concatenate([np.argmax(part @ known, axis=1) for part in parts])
        difference = np.abs(images - small[found]).mean(axis=(1, 2, 3))
        # Among thousands of images that were cut, a few show the same blocks in another brightness.
        if np.mean(difference < 0.1) < 0.99:
            raise Unknown(f"the loader's images are not those of the {split} set, resized and divided by 255")
        return found


def _standardised(images: np.ndarray) -> np.ndarray:
    flat = np.asarray(images, np.float32).reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def coded_images(rng: Rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [count, 28, 28, 1] and labels: random 4 x 4 blocks, all different, whose brightness tells the label."""
    labels = rng.integers(0, 10, count)
    blocks = rng.random((count, 7, 7)) < 0.5
    blocks[:, 2:5, 2:5] |= rng.random((count, 3, 3)) < 0.5
    blocks[:, 3, 3] = True
    bright = np.repeat(np.repeat(blocks, 4, axis=1), 4, axis=2)
    return (bright * LEVELS[labels, None, None]).astype(np.uint8)[..., None], labels


def loading(student: Student, rng: Rng, judge: Callable[[World], None]) -> None:
    """Judge a loader on served images; on the notebook's own where it took them earlier; with stand-ins else."""
    data = student.module("course_utils.data")
    served = World(coded_images(rng, SERVED_TRAIN), coded_images(rng, SERVED_TEST))

    def with_served(world: World) -> Callable[[], None]:
        def attempt() -> None:
            data.serving("mnist", served.train, served.test)
            if student.has("mnist"):
                student.replace("mnist", data.load("mnist"))
            try:
                judge(world)
            except Unknown as unknown:
                _judge_unknown(student, judge, unknown)
            finally:
                data.stop_serving("mnist")

        return attempt

    cut = World(served.train, served.test, cut=True)
    either(
        with_stand_ins(student, {}, with_served(served)),
        with_stand_ins(student, harmless(student), with_served(cut)),
    )


def _judge_unknown(student: Student, judge: Callable[[World], None], unknown: Unknown) -> None:
    """A notebook may have loaded its data before the check came: then they are the course's own."""
    data = student.module("course_utils.data")
    data.stop_serving("mnist")
    own = data.load("mnist")
    splits = [(np.asarray(split.images), np.asarray(split.labels)) for split in (own.train, own.test)]
    try:
        judge(World(*splits))
    except Unknown:
        expect(str(unknown), "the images").equals("the images of the data set, resized and divided by 255")


def gathered(data: Any, batches: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of the first batches of a data set, as two arrays."""
    parts = [pair(batch) for batch in data.take(batches)]
    return tuple(np.concatenate([np.atleast_1d(part[i]) for part in parts]) for i in (0, 1))


@check("load_row_class_data", weight=2, timeout=180)
def loads_1000_test_images(student: Student, rng: Rng) -> None:
    """The test set has 1,000 different test images with their labels, never augmented."""

    def judge(world: World) -> None:
        for load in (student.load_row_class_data, lambda: student.load_row_class_data(augment=False)):
            images, labels = gathered(pair(load())[1])
            found = world.identify(images, "test")
            expect(len(images), "the number of test images").equals(1000)
            # Some of the embedded digits look alike after resizing, hence not 1,000 exactly.
            expect(len(set(found)), "the number of different test images").at_least(980)
            expect(float((labels == world.test[1][found]).mean()), "the part of right labels").at_least(0.98)

    loading(student, rng, judge)


@check("load_row_class_data", weight=2, timeout=180)
def loads_plain_training_images(student: Student, rng: Rng) -> None:
    """Without augmentation, the training set has the training images with their labels, in batches of 512."""

    def judge(world: World) -> None:
        train, _ = pair(student.load_row_class_data(augment=False))
        batches = [pair(batch) for batch in train.take(40)]
        sizes = {len(images) for images, _ in batches[:-1]}
        expect(sizes, "the sizes of all batches but the last").is_true("512", got=str(sizes)) if sizes != {
            512
        } else None
        images, labels = (np.concatenate([np.atleast_1d(batch[i]) for batch in batches]) for i in (0, 1))
        found = world.identify(images, "train")
        expect(len(set(found)), "the number of different training images").at_least(2000)
        expect(float((labels == world.train[1][found]).mean()), "the part of right labels").at_least(0.98)

    loading(student, rng, judge)


@check("load_row_class_data", weight=3, timeout=180)
def augments_anew_in_every_epoch(student: Student, rng: Rng) -> None:
    """Training images are augmented, differently in every epoch, and keep their labels."""

    def judge(world: World) -> None:
        train, _ = pair(student.load_row_class_data())
        images, labels = gathered(train)
        expect(images, "the training images").is_array().between(-0.01, 1.01)
        again, _ = gathered(train, 1)
        first = digests(images)
        # Of the stand-in's four equally likely mirror images one is the original, and each occurs sooner or later:
        # a right loader repeats a quarter of 512 images, give or take 10 %, and with real augmentation next to none.
        repeated = float(np.isin(digests(again), first).mean())
        expect(repeated, "the part of images in an epoch that were the same in the one before").at_most(0.6)
        plain, _ = gathered(pair(student.load_row_class_data(augment=False))[0])
        expect(float(np.isin(first, digests(plain)).mean()), "the part of training images that are unchanged").at_most(
            0.6
        )
        if world.train[0].shape[0] == SERVED_TRAIN:
            # Brightness tells the label, also of a block that was turned or shifted.
            levels = images.reshape(len(images), -1).max(axis=1) * 255
            told = np.abs(levels[:, None] - LEVELS).argmin(axis=1)
            expect(float((told == labels).mean()), "the part of augmented images with their own label").at_least(0.8)

    loading(student, rng, judge)


# load_px_class_data ---------------------------------------------------------------------------------------------


def in_place_of_rows(student: Student, rng: Rng, judge: Callable[[], None]) -> tuple[Callable[[], None], ...]:
    """The attempts at a loader of pixels: with numbered rows, also with a right reshape_img, and with its own rows."""
    probes, tf = student.module("course_utils.checks.probes"), student.module("tensorflow")
    rows = probes.NumberedData(int(rng.integers(2**31)), (14, 14, 1), 1_700, 1_000)
    reshape = probes.on_image(probes.partial(tf.reshape, shape=[196, 1]))
    return (
        with_stand_ins(student, {"load_row_class_data": rows}, judge),
        with_stand_ins(student, {"load_row_class_data": rows, "reshape_img": reshape}, judge),
        judge,
    )


@check("load_px_class_data", weight=2, timeout=180)
def names_the_same_test_images(student: Student, rng: Rng) -> None:
    """Test image 42 by pixels is test image 42 by rows, and so are all the others."""

    def judge() -> None:
        _, rows = pair(student.load_row_class_data())
        _, pixels = pair(student.load_px_class_data())
        images, labels = gathered(rows)
        sequences, same_labels = gathered(pixels)
        expect(sequences, "the sequences").has_shape((len(images), 196, 1))
        expect(sequences, "the test images by pixels").close_to(images.reshape(-1, 196, 1), atol=1e-5)
        expect(same_labels, "their labels").equals(labels)

    either(*in_place_of_rows(student, rng, judge))


@check("load_px_class_data", weight=2, timeout=180)
def hands_augment_on(student: Student, rng: Rng) -> None:
    """Training sequences are those of the row data, augmented anew in every epoch or not at all."""

    def judge() -> None:
        plain, labels = gathered(pair(student.load_row_class_data(augment=False))[0])
        known = dict(zip(digests(plain).tolist(), np.asarray(labels).tolist(), strict=True))
        sequences, own_labels = gathered(pair(student.load_px_class_data(augment=False))[0])
        expect(sequences, "the sequences").has_shape((None, 196, 1))
        found = [known.get(digest) for digest in digests(sequences).tolist()]
        right = np.mean([label == own for label, own in zip(found, np.asarray(own_labels).tolist(), strict=True)])
        expect(float(right), "the part of plain sequences with their labels").at_least(0.98)
        expect(len(sequences), "the number of training sequences").at_least(1_000)
        train, _ = pair(student.load_px_class_data())
        first, again = digests(gathered(train)[0]), digests(gathered(train, 1)[0])
        expect(
            float(np.isin(first, digests(plain)).mean()), "the part of unchanged sequences with augmentation"
        ).at_most(0.6)
        # Numbered rows have two augmented versions: the first epoch had half of the second's, give or take 10 %.
        expect(float(np.isin(again, first).mean()), "the part of sequences repeated in the next epoch").at_most(0.75)

    either(*in_place_of_rows(student, rng, judge))


# build_classification_model -------------------------------------------------------------------------------------


def matches(result: Any, candidates: list[np.ndarray]) -> bool:
    """Whether the result is one of the candidates."""
    result = np.asarray(result, np.float64)
    return any(
        result.shape == candidate.shape and np.allclose(result, candidate, atol=2e-4) for candidate in candidates
    )


def normalised(result: Any) -> np.ndarray:
    """Probabilities as they are; what is none, as the logits of some. The softmax has a criterion of its own."""
    result = np.asarray(result, np.float64)
    sums = result.sum(axis=-1, keepdims=True)
    if np.all(result >= 0) and np.allclose(sums, 1, atol=1e-3):
        return result
    shifted = np.exp(result - result.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@check("build_classification_model", weight=3, timeout=60)
def computes_three_lstms(student: Student, rng: Rng) -> None:
    """It computes what three LSTM layers and a dense layer compute."""
    for steps, features, hidden, classes in ((7, 3, 5, 4), (4, 6, 3, 7)):
        model = student.build_classification_model(steps, features, hidden, classes, summary=False)
        x = rng.normal(size=(4, steps, features)).astype(np.float32)
        model(Tensor(x))
        weights = random_weights([np.shape(weight) for weight in model.get_weights()], rng)
        model.set_weights(weights)
        oracles = [
            probabilities(layers, dense, x)[:, -1]
            for layers, dense in readings(weights, features)
            if [len(layer[1]) for layer in layers] == [hidden] * 3
        ]
        expect(len(oracles), "ways to read the weights as three LSTM layers and a dense one").at_least(1)
        expect(matches(normalised(model(Tensor(x))), oracles), "the predictions").is_true("those of three LSTM layers")


@check("build_classification_model", weight=1, timeout=60)
def serves_other_sizes(student: Student, rng: Rng) -> None:
    """It serves other sizes, batches of other sizes, and rows with a fourth axis."""
    for steps, features, hidden, classes in ((9, 1, 4, 3), (5, 5, 2, 12)):
        model = student.build_classification_model(steps, features, hidden, classes, False)
        for batch in (2, 1, 17):
            x = rng.random((batch, steps, features), dtype=np.float32)
            expect(model(Tensor(x)), "the predictions").has_shape((batch, classes)).is_finite()
        model = student.build_classification_model(steps, features, hidden, classes, summary=True)
        x = rng.random((4, steps, features, 1), dtype=np.float32)
        expect(model(Tensor(x)), "the predictions").has_shape((4, classes)).is_finite()


@check("build_classification_model", weight=1, timeout=60)
def gives_probabilities_for_extremes(student: Student, rng: Rng) -> None:
    """Its predictions are probabilities for blank and for extreme inputs, and for any weights."""
    model = student.build_classification_model(5, 2, 4, 6, summary=False)
    x = rng.normal(size=(9, 5, 2)).astype(np.float32)
    x[0], x[1], x[2] = 0, 100, -100
    model(Tensor(x))
    model.set_weights([5 * weight for weight in random_weights([np.shape(w) for w in model.get_weights()], rng)])
    result = model(Tensor(x))
    expect(result, "the predictions").has_shape((9, 6)).between(0, 1.0001)
    expect(np.asarray(result).sum(axis=-1), "their sums").close_to(np.ones(9), atol=1e-4)


@check("build_classification_model", weight=1, timeout=60)
def builds_a_fresh_model(student: Student, rng: Rng) -> None:
    """Every call builds a model of its own."""
    x = Tensor(rng.normal(size=(3, 5, 2)).astype(np.float32))
    first, second = (student.build_classification_model(5, 2, 3, 4, summary=False) for _ in range(2))
    before = np.asarray(first(x))
    second(x)
    second.set_weights(random_weights([np.shape(weight) for weight in second.get_weights()], rng))
    expect(first(x), "the first model's predictions, after the second one was changed").close_to(before, atol=1e-5)
    expect(second(x), "the second model's predictions").differs_from(before)


# build_continuous_classification_model --------------------------------------------------------------------------


@check("build_continuous_classification_model", weight=2, timeout=90)
def says_at_each_step_what_it_has_seen(student: Student, rng: Rng) -> None:
    """What it says after a step is what the classifier says about the sequence up to there."""
    for steps, features, hidden, classes in ((6, 3, 5, 4), (5, 4, 3, 6)):
        x = rng.normal(size=(3, steps, features)).astype(np.float32)
        model = student.build_continuous_classification_model(steps, features, hidden, classes, summary=False)
        model(Tensor(x))
        either(
            lambda x=x, model=model, sizes=(features, hidden, classes): _agrees_with_own(student, model, x, sizes, rng),
            lambda x=x, model=model, sizes=(features, hidden, classes): _agrees_with_oracle(model, x, sizes, rng),
        )


def _agrees_with_own(student: Student, model: Any, x: np.ndarray, sizes: tuple[int, int, int], rng: Rng) -> None:
    """Against the student's own classifiers of shorter sequences, with the same weights."""
    weights: list[np.ndarray] = []
    for steps in (x.shape[1], 1, x.shape[1] // 2):
        classifier = student.build_classification_model(steps, *sizes, summary=False)
        classifier(Tensor(x[:, :steps]))
        weights = weights or random_weights([np.shape(weight) for weight in classifier.get_weights()], rng)
        classifier.set_weights(weights)
        model.set_weights(weights)
        result = np.asarray(model(Tensor(x)))
        expect(result, "the predictions").has_shape((*x.shape[:2], sizes[2]))
        expect(result[:, steps - 1], "the prediction after a step").close_to(
            np.asarray(classifier(Tensor(x[:, :steps]))), atol=2e-4
        )


def _agrees_with_oracle(model: Any, x: np.ndarray, sizes: tuple[int, int, int], rng: Rng) -> None:
    """Against three LSTM layers and a dense layer computed here, their weights in any order."""
    features, hidden, classes = sizes
    weights = random_weights([np.shape(weight) for weight in model.get_weights()], rng)
    model.set_weights(weights)
    oracles = [
        probabilities(layers, dense, x)
        for layers, dense in readings(weights, features)
        if [len(layer[1]) for layer in layers] == [hidden] * 3
    ]
    expect(len(oracles), "ways to read the weights as three LSTM layers and a dense one").at_least(1)
    shapes = [
        shape
        for size in (features, hidden, hidden)
        for shape in ((size, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,))
    ]
    expect([np.shape(weight) for weight in weights], "the shapes of the weights").equals(
        [*shapes, (hidden, classes), (classes,)]
    )
    expect(matches(model(Tensor(x)), oracles), "the predictions").is_true("those of three LSTM layers after every step")


@check("build_continuous_classification_model", weight=1, timeout=60)
def continues_on_other_sizes(student: Student, rng: Rng) -> None:
    """It gives probabilities after every step for other sizes, and for rows with a fourth axis."""
    for steps, features, classes in ((7, 1, 3), (4, 4, 11)):
        for shape in ((2, steps, features), (5, steps, features, 1)):
            model = student.build_continuous_classification_model(steps, features, 3, classes, summary=False)
            result = model(Tensor(rng.random(shape, dtype=np.float32)))
            expect(result, "the predictions").has_shape((shape[0], steps, classes)).between(0, 1.0001)
            expect(np.asarray(result).sum(axis=-1), "their sums").close_to(np.ones((shape[0], steps)), atol=1e-4)


# The experiments ------------------------------------------------------------------------------------------------


def uses_the_right_images(result: training_runs.Run) -> None:
    """The model fits the data, and is trained on the augmented training images, for as long as it was told."""
    training_runs.returns_model_and_history(result)
    training_runs.builds_for_its_data(result)
    training_runs.trains_on_augmented_images(result)


@check("run_px_classification_experiment", weight=2, timeout=180)
def trains_on_augmented_pixels(student: Student, rng: Rng) -> None:
    """It trains on the augmented training images alone, for as many epochs as it is told."""
    uses_the_right_images(training_runs.trained(student, PX, rng))


@check("run_px_classification_experiment", weight=2, timeout=240)
def validates_on_pixels_of_its_own(student: Student, rng: Rng) -> None:
    """It validates on images that are neither in the training set nor in the test set."""
    training_runs.validates_on_other_images(training_runs.trained(student, PX, rng))
    training_runs.validates_on_other_images_of_its_own_data(student, PX, rng)


@check("run_row_classification_experiment", weight=2, timeout=240)
def trains_on_rows(student: Student, rng: Rng) -> None:
    """It trains on the augmented training images by rows, and validates on others."""
    result = training_runs.trained(student, ROWS, rng)
    uses_the_right_images(result)
    training_runs.validates_on_other_images(result)
    training_runs.validates_on_other_images_of_its_own_data(student, ROWS, rng)


@check("run_row_classification_experiment", weight=1, timeout=180)
def watches_rows(student: Student, rng: Rng) -> None:
    """It lowers the learning rate and stops when the loss on the validation images no longer falls."""
    training_runs.stopped_early(training_runs.levelled_off(student, ROWS, rng))
    training_runs.slows_down(student, ROWS, rng)


# trained_px_weights ---------------------------------------------------------------------------------------------


# The private images are the embedded digits, on which a network that was trained with MNIST does 8 to 11 points worse
# than on MNIST (measured: 75 % for 86 %, 88 % for 96 %). The task asks for 80 % on MNIST: about 68 % here, give or take
# 2 (600 images), so that a right answer misses 58 % with probability below 1 in 100,000. For 50 % there: about 38 %.
GOOD, FAIR = 0.58, 0.38


def accuracy_of_weights(student: Student) -> float:
    """The best accuracy that the weights reach on private test images, over the usual ways of resizing."""
    return student.once("accuracy of weights", lambda: _accuracy_of_weights(student))


def _accuracy_of_weights(student: Student) -> float:
    weights = [
        array
        for _, array in student.module("course_utils.training").read_weights("trained/px_classification.weights.h5")
    ]
    own = [(np.shape(array), np.asarray(array).dtype.kind) for array in weights]
    expect(all(kind == "f" for _, kind in own), "the weights").is_true("arrays of numbers")
    images, labels = private_images()
    accuracies: list[float] = []
    for layers, dense in readings(weights, 1):
        if len(layers) != 3 or dense[0].shape[1] != 10:
            continue
        for small in (block_means(images), images[:, 1::2, 1::2]):
            said = probabilities(layers, dense, small.reshape(-1, 196, 1) / 255)[:, -1]
            accuracies.append(float((said.argmax(axis=1) == labels).mean()))
            if accuracies[-1] >= GOOD:
                return accuracies[-1]
    expect(len(accuracies), "ways to read the weights as a classifier of ten digits by pixels").at_least(1)
    return max(accuracies)


def private_images() -> tuple[np.ndarray, np.ndarray]:
    """600 of the embedded test images, slightly shifted, and their labels."""
    from course_utils.data import load

    test = load("mnist", "embedded").test
    return np.roll(np.asarray(test.images[:600]), 1, axis=2), np.asarray(test.labels[:600])


@check("trained_px_weights", weight=2, timeout=90)
def classifies_half_of_private_images(student: Student, rng: Rng) -> None:
    """The weights classify private images far better than guessing."""
    expect(accuracy_of_weights(student), "accuracy on private images").at_least(FAIR)


@check("trained_px_weights", weight=1, timeout=90)
def classifies_most_private_images(student: Student, rng: Rng) -> None:
    """The weights classify private images about as well as the task asks for."""
    expect(accuracy_of_weights(student), "accuracy on private images").at_least(GOOD)

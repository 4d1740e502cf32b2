"""The hidden checks of 01_sequence_lstm: other inputs, and what the public checks leave out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks import motion, training_runs
from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.loaders import LEVELS, MANY, PLENTY, Loaded, Loading, loadings, pair, serving
from course_utils.checks.lstm_oracle import Layer, probabilities, readings
from course_utils.checks.neighbours import either, either_of, or_trouble, untroubled, with_stand_ins
from course_utils.checks.probes import digests
from course_utils.checks.sequence_lstm import (
    CLASSES,
    FEATURES,
    HIDDEN,
    PX,
    ROWS,
    STEPS,
    augmented,
    classifier_seen,
    continuous_seen,
    harmless,
    joined,
    keeps_label,
    many_augmented,
    random_weights,
    says,
)
from course_utils.checks.student import Student
from course_utils.checks.wire import Tensor

Rng = np.random.Generator

# build_augmentation_model ---------------------------------------------------------------------------------------


@check("build_augmentation_model", weight=1)
def shifts_by_20_percent_at_most(student: Student, rng: Rng) -> None:
    """It shifts by at most 20 % of height and width."""
    # A shift by 0.2 along both axes may be turned afterwards: 0.2 * sqrt(2) in any direction. 0.02 is half a pixel,
    # for interpolation.
    moved = motion.displacements(many_augmented(student, "disc"))
    expect(np.hypot(*moved.T), "the shifts, as a part of the side").at_most(0.2 * np.sqrt(2) + 0.02)


@check("build_augmentation_model", weight=1)
def turns_by_36_degrees_at_most(student: Student, rng: Rng) -> None:
    """It turns by at most 36 degrees."""
    # Nearest-neighbour interpolation makes the measured angle uncertain by up to 7 degrees.
    turned = motion.degrees_turned(many_augmented(student, "bar"))
    expect(np.abs(turned), "the rotations, in degrees").at_most(36 + 8)


@check("build_augmentation_model", weight=1)
def draws_no_second_stroke(student: Student, rng: Rng) -> None:
    """It shows each stroke at most once, and never its mirror image."""
    hook, patches = motion.hook(), [motion.patch_at_border(turns) for turns in range(4)]
    originals = np.concatenate([np.repeat(hook[None], 100, axis=0), *(np.repeat(p[None], 48, axis=0) for p in patches)])
    all_changed = augmented(student, originals)
    expect(all_changed, "the augmented images").has_shape(originals.shape)
    changed, *others = np.split(np.asarray(all_changed), [100, 148, 196, 244])
    # Up to 3 % seem mirrored though they are not: 20 of 100 in less than 1 of 10^10. Of real flips half are mirrored.
    expect(int(motion.mirrored(changed, hook).sum()), "mirrored images (of 100)").at_most(20)
    expect(changed.sum(axis=(1, 2, 3)) / hook.sum(), "the ink of augmented images, as a part of the original").between(
        0.75, 1.25
    )
    for turns, (patch, changed) in enumerate(zip(patches, others, strict=True)):
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
    epochs = [motion.displacements(np.stack(mapped.take(len(discs) + 1))) for _ in range(2)]
    # Two draws whose shifts agree within 1 % of the side along both axes: less than 1 of 100 (whole pixels: 1 of 81).
    # Among 39 pairs more than 20 such ones never happen.
    for what, these, those in (
        ("images of a batch", first[:-1], first[1:]),
        ("two batches", first, second),
        ("images of a data set", epochs[0][:-1], epochs[0][1:]),
        ("two epochs", epochs[0], epochs[1]),
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
    for batch, size in zip(data.take(4), (4, 4, 2), strict=True):
        expect(batch, "a batch of a data set").has_shape((size, 28, 28, 1)).between(-0.01, 1.01)
    model = probes.in_training(student.build_augmentation_model())
    singles = [motion.displacements(np.asarray(model(Tensor(motion.disc())))[None])[0] for _ in range(5)]
    # 5 draws that all agree within 2 %: each of the last four with the first, in less than 1 of 10^7 (1 of 80 each).
    expect(float(np.ptp(singles, axis=0).max()), "the range of 5 shifts of single images").at_least(0.02)


# resize_img, normalize_img, reshape_img -------------------------------------------------------------------------


def smooth_image(rng: Rng) -> np.ndarray:
    """float64 (28, 28, 1) from 10 to 250: waves that change little from pixel to pixel, and have no symmetry."""
    row, column = np.mgrid[:28, :28] / 28
    along, across, phase = rng.uniform(0.5, 0.9), rng.uniform(0.2, 0.4), rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * (along * row + across * column) + phase) + 1.2 * row + 0.7 * column * row
    return (10 + 240 * (wave - wave.min()) / np.ptp(wave))[..., None]


def block_means(images: np.ndarray) -> np.ndarray:
    """[..., 28, 28, 1] -> [..., 14, 14, 1]: the mean of each 2 x 2 block."""
    images = np.asarray(images)
    corners = [images[..., row::2, column::2, :].astype(np.float64) for row in (0, 1) for column in (0, 1)]
    return sum(corners) / 4  # many times as fast as a mean over two axes


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
        for element, image, label in zip(data.take(4), images, labels, strict=True):
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
        for element, image, label in zip(data.take(4), images, labels, strict=True):
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
    for element, image, label in zip(data.take(4), images, labels, strict=True):
        sequence, kept = pair(element)
        expect(kept, "the label").equals(label)
        expect(sequence, "the sequence").close_to(image.reshape(196, 1), atol=1e-6)


# load_row_class_data --------------------------------------------------------------------------------------------


class Unknown(Exception):
    """The loader's images are none of those that were given to it."""


@dataclass(frozen=True)
class World:
    """The images and labels that a loader can load from; `cut` where resizing is replaced by cutting out the middle.

    `coded` says that they are the images served, in blocks whose brightness tells the label.
    """

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    coded: bool = True
    cut: bool = False

    def identify(self, images: Any, split: str) -> np.ndarray:
        """[n] the index of each small image in a split. Unmet if they are no images, Unknown if they are others."""
        expect(images, "the images").is_array().has_shape((None, 14, 14, 1)).has_dtype("float32").between(-0.01, 1.01)
        originals = getattr(self, split)[0]
        small = originals[:, 7:21, 7:21] / 255 if self.cut else block_means(originals) / 255
        found = _of_the_same_pattern(images, small) if self.coded else np.full(len(images), -1)
        others = np.flatnonzero(found < 0)
        known = _standardised(small).T if len(others) else None
        for part in np.array_split(others, -(-len(others) // 1000)) if len(others) else ():
            found[part] = np.argmax(_standardised(images[part]) @ known, axis=1)
        difference = np.abs(images - small[found]).mean(axis=(1, 2, 3))
        # Among thousands of images that were cut, a few show the same blocks in another brightness.
        if np.mean(difference < 0.1) < 0.99:
            raise Unknown(f"the loader's images are not those of the {split} set, resized and divided by 255")
        return found


def _of_the_same_pattern(images: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """[n] the index of the original whose bright pixels are the image's, -1 where there is none."""
    known = {pattern: index for index, pattern in enumerate(_patterns(originals))}
    return np.array([known.get(pattern, -1) for pattern in _patterns(images)])


def _patterns(images: np.ndarray) -> list[bytes]:
    flat = np.asarray(images).reshape(len(images), -1)
    return [bits.tobytes() for bits in np.packbits(flat > flat.max(axis=1, keepdims=True) / 2, axis=1)]


def _standardised(images: np.ndarray) -> np.ndarray:
    flat = np.asarray(images, np.float32).reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


Load = Callable[[bool], Loaded]


def loading(student: Student, rng: Rng, judge: Callable[[Load, World], None]) -> None:
    """Judge a loader on served images; on the notebook's own where it took them earlier; with stand-ins else."""

    def attempt(load: Loading) -> None:
        try:
            judge(load, World(*load.served, cut=load.stand_ins is not None))
        except Unknown as unknown:
            _judge_unknown(student, load, judge, unknown)

    either_of(functools.partial(attempt, load) for load in loadings(student, rng, lambda: harmless(student)))


def _judge_unknown(student: Student, load: Load, judge: Callable[[Load, World], None], unknown: Unknown) -> None:
    """A notebook may have loaded its data before the check came: then they are the course's own."""
    own = student.module("course_utils.data").load("mnist")
    splits = [(np.asarray(split.images), np.asarray(split.labels)) for split in (own.train, own.test)]
    try:
        judge(load, World(splits[0], splits[1], coded=False))
    except Unknown:
        expect(str(unknown), "the images").equals("the images of the data set, resized and divided by 255")


@check("load_row_class_data", weight=2, timeout=180)
def loads_1000_test_images(student: Student, rng: Rng) -> None:
    """The test set has 1,000 different test images with their labels, never augmented."""

    def judge(load: Load, world: World) -> None:
        for augment in (True, False):
            images, labels = joined(load(augment).batches("test"))
            found = world.identify(images, "test")
            expect(len(images), "the number of test images").equals(1000)
            # Some of the embedded digits look alike after resizing, hence not 1,000 exactly.
            expect(len(set(found)), "the number of different test images").at_least(980)
            expect(float((labels == world.test[1][found]).mean()), "the part of right labels").at_least(0.98)

    loading(student, rng, judge)


@check("load_row_class_data", weight=2, timeout=180)
def loads_plain_training_images(student: Student, rng: Rng) -> None:
    """Without augmentation, the training set has the training images with their labels, in batches of 512."""

    def judge(load: Load, world: World) -> None:
        batches = [pair(batch) for batch in load(False).batches("epoch")]
        sizes = {len(images) for images, _ in batches[:-1]}
        expect(sizes, "the sizes of all batches but the last").is_true("512", got=str(sizes)) if sizes != {
            512
        } else None
        images, labels = joined(batches)
        found = world.identify(images, "train")
        expect(len(set(found)), "the number of different training images").at_least(PLENTY)
        expect(float((labels == world.train[1][found]).mean()), "the part of right labels").at_least(0.98)

    loading(student, rng, judge)


@check("load_row_class_data", weight=3, timeout=180)
def augments_anew_in_every_epoch(student: Student, rng: Rng) -> None:
    """Training images are augmented, differently in every epoch, and keep their labels."""

    def judge(load: Load, world: World) -> None:
        images, labels = joined(load(True).batches("epoch"))
        expect(images, "the training images").is_array().between(-0.01, 1.01)
        again, _ = joined(load(True).batches("next_epoch"))
        first = digests(images)
        # Of the stand-in's four equally likely mirror images one is the original, and each occurs sooner or later:
        # a right loader repeats a quarter of 512 images, give or take 10 %, and with real augmentation next to none.
        repeated = float(np.isin(digests(again), first).mean())
        expect(repeated, "the part of images in an epoch that were the same in the one before").at_most(0.6)
        plain, _ = joined(load(False).batches("epoch"))
        expect(float(np.isin(first, digests(plain)).mean()), "the part of training images that are unchanged").at_most(
            0.6
        )
        if world.coded:
            # Brightness tells the label, also of a block that was turned or shifted.
            levels = images.reshape(len(images), -1).max(axis=1) * 255
            told = np.abs(levels[:, None] - LEVELS).argmin(axis=1)
            expect(float((told == labels).mean()), "the part of augmented images with their own label").at_least(0.8)

    loading(student, rng, judge)


def gathered(data: Any, batches: int = MANY) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of the first batches of a data set, as two arrays."""
    return joined(data.take(batches))


# load_px_class_data ---------------------------------------------------------------------------------------------


def in_place_of_rows(student: Student, rng: Rng, judge: Callable[[], None]) -> tuple[Callable[[], None], ...]:
    """The attempts at a loader of pixels: with numbered rows, also with a right reshape_img, and with its own rows.

    Its own rows are those of images that are served: of 1,300 for testing, so that another thousand shows.
    """
    probes, tf = student.module("course_utils.checks.probes"), student.module("tensorflow")
    rows = probes.NumberedData(int(rng.integers(2**31)), (14, 14, 1), 1_700, 1_000)
    reshape = probes.on_image(probes.partial(tf.reshape, shape=[196, 1]))

    def with_served_images() -> None:
        with serving(student, rng):
            judge()

    return (
        with_stand_ins(student, {"load_row_class_data": rows}, judge),
        with_stand_ins(student, {"load_row_class_data": rows, "reshape_img": reshape}, judge),
        with_served_images,
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


@dataclass(frozen=True)
class Said:
    """The sizes of a model, its weights by the shapes that it has, and what it said of x with them."""

    sizes: tuple[int, int, int, int]
    weights: list[np.ndarray]
    x: np.ndarray
    said: Any

    def of_three_lstms(self) -> list[np.ndarray]:
        """[B, T, K] for each way to read the weights: what three LSTM layers and a dense one say after every step."""
        _, features, hidden, _ = self.sizes
        found = [
            probabilities(layers, dense, self.x)
            for layers, dense in readings(self.weights, features)
            if [len(layer[1]) for layer in layers] == [hidden] * 3
        ]
        expect(len(found), "ways to read the weights as three LSTM layers and a dense one").at_least(1)
        return found

    def agrees_with_three_lstms(self) -> None:
        """The demand that it is what three LSTM layers and a dense one say after the last step."""
        last = [said[:, -1] for said in self.of_three_lstms()]
        expect(matches(normalised(untroubled(self.said)), last), "the predictions").is_true(
            "those of three LSTM layers"
        )

    def agrees_with_three_lstms_at_every_step(self) -> None:
        """The demand that it is what three LSTM layers and a dense one say after every step."""
        expect(matches(untroubled(self.said), self.of_three_lstms()), "the predictions").is_true(
            "those of three LSTM layers after every step"
        )


def with_random_weights(model: Any, sizes: tuple[int, int, int, int], x: np.ndarray, rng: Rng) -> Said:
    """What a new model says of x after its weights were set."""
    own = model.get_weights()
    if not own:  # not built yet
        model(Tensor(x))
        own = model.get_weights()
    weights = random_weights([np.shape(weight) for weight in own], rng)
    model.set_weights(weights)
    return Said(sizes, weights, x, says(model, x))


def two_classifiers_seen(student: Student, rng: Rng) -> dict[str, Any]:
    """Two models of the same sizes: what the first says, with larger weights too, and before and after the second is
    given others.
    """

    def observe() -> dict[str, Any]:
        sizes = (3, 1, 5, 4)
        first, second = (student.build_classification_model(*sizes, summary=False) for _ in range(2))
        x = rng.normal(size=(7, 3, 1)).astype(np.float32)
        x[0], x[1], x[2] = 0, 100, -100
        before = with_random_weights(first, sizes, x, rng)
        other = or_trouble(lambda: with_random_weights(second, sizes, x, rng))
        after = says(first, x)
        or_trouble(lambda: first.set_weights([5 * weight for weight in before.weights]))
        return {"before": before, "other": other, "after": after, "larger": says(first, x)}

    return student.once("two classifiers", observe)


def other_sizes_seen(student: Student, rng: Rng) -> tuple[Said, Any]:
    """What a model of other sizes says with random weights, and what of one sequence alone."""

    def observe() -> tuple[Said, Any]:
        steps, features, hidden, classes = sizes = 2, 5, 7, 12
        model = student.build_classification_model(steps, features, hidden, classes)
        x = rng.normal(size=(2, steps, features)).astype(np.float32)
        said = with_random_weights(model, sizes, x, rng)
        return said, says(model, x[:1])

    return student.once("classifier of other sizes", observe)


@check("build_classification_model", weight=3, timeout=60)
def computes_three_lstms(student: Student, rng: Rng) -> None:
    """It computes what three LSTM layers and a dense layer compute."""
    seen = classifier_seen(student, rng)
    as_built = Said((STEPS, FEATURES, HIDDEN, CLASSES), untroubled(seen["weights"]), seen["x"], seen["eight"])
    for said in (as_built, two_classifiers_seen(student, rng)["before"], other_sizes_seen(student, rng)[0]):
        said.agrees_with_three_lstms()


@check("build_classification_model", weight=1, timeout=60)
def serves_other_sizes(student: Student, rng: Rng) -> None:
    """It serves other sizes, batches of other sizes, and rows with a fourth axis."""
    seen, single = other_sizes_seen(student, rng)
    rows = classifier_seen(student, rng)["rows"]
    for said, shape in ((seen.said, (2, 12)), (single, (1, 12)), (rows, (3, CLASSES))):
        expect(untroubled(said), "the predictions").has_shape(shape).is_finite()


@check("build_classification_model", weight=1, timeout=60)
def gives_probabilities_for_extremes(student: Student, rng: Rng) -> None:
    """Its predictions are probabilities for blank and for extreme inputs, and for any weights."""
    seen = two_classifiers_seen(student, rng)
    for said in (seen["before"].said, seen["larger"]):
        expect(untroubled(said), "the predictions").has_shape((7, 4)).between(0, 1.0001)
        expect(np.asarray(said).sum(axis=-1), "their sums").close_to(np.ones(7), atol=1e-4)


@check("build_classification_model", weight=1, timeout=60)
def builds_a_fresh_model(student: Student, rng: Rng) -> None:
    """Every call builds a model of its own."""
    seen = two_classifiers_seen(student, rng)
    before = np.asarray(untroubled(seen["before"].said))
    expect(untroubled(seen["after"]), "the first model's predictions, after the second one was changed").close_to(
        before, atol=1e-5
    )
    expect(untroubled(untroubled(seen["other"]).said), "the second model's predictions").differs_from(before)


# build_continuous_classification_model --------------------------------------------------------------------------


@check("build_continuous_classification_model", weight=2, timeout=90)
def says_at_each_step_what_it_has_seen(student: Student, rng: Rng) -> None:
    """What it says after a step is what the classifier says about the sequence up to there."""

    def by_contract() -> None:
        seen = continuous_seen(student, rng)
        expect(bool(seen.weights), "the weights").is_true("in shapes and order the classifier's")
        layers, dense = next(readings(seen.weights, FEATURES))
        expect(matches(untroubled(seen.said), [probabilities(layers, dense, seen.x)]), "the predictions").is_true(
            "those of three LSTM layers after every step"
        )

    def of_larger_sizes() -> None:
        larger_continuous_seen(student, rng)[0].agrees_with_three_lstms_at_every_step()

    either(by_contract, functools.partial(_agrees_with_own, student, (STEPS, FEATURES, HIDDEN, CLASSES), rng))
    either(of_larger_sizes, functools.partial(_agrees_with_own, student, LARGER, rng))


LARGER = 4, 6, 3, 11


def larger_continuous_seen(student: Student, rng: Rng) -> tuple[Said, Any]:
    """What a continuous model of other sizes says with random weights, and what of rows of four axes."""

    def observe() -> tuple[Said, Any]:
        model = student.build_continuous_classification_model(*LARGER, summary=False)
        x = rng.normal(size=(3, *LARGER[:2])).astype(np.float32)
        return with_random_weights(model, LARGER, x, rng), says(model, rng.random((2, *LARGER[:2], 1)))

    return student.once("larger continuous", observe)


def _agrees_with_own(student: Student, sizes: tuple[int, int, int, int], rng: Rng) -> None:
    """Against the student's own classifiers of shorter sequences, with the same weights."""
    whole, *others = sizes
    x = rng.normal(size=(3, whole, sizes[1])).astype(np.float32)
    model = student.build_continuous_classification_model(*sizes, summary=False)
    model(Tensor(x))
    weights: list[np.ndarray] = []
    for steps in (whole, 1, whole - 1):
        classifier = student.build_classification_model(steps, *others, summary=False)
        classifier(Tensor(x[:, :steps]))
        weights = weights or random_weights([np.shape(weight) for weight in classifier.get_weights()], rng)
        classifier.set_weights(weights)
        model.set_weights(weights)
        result = np.asarray(model(Tensor(x)))
        expect(result, "the predictions").has_shape((*x.shape[:2], sizes[3]))
        expect(result[:, steps - 1], "the prediction after a step").close_to(
            np.asarray(classifier(Tensor(x[:, :steps]))), atol=2e-4
        )


@check("build_continuous_classification_model", weight=1, timeout=60)
def continues_on_other_sizes(student: Student, rng: Rng) -> None:
    """It gives probabilities after every step for other sizes, and for rows with a fourth axis."""
    larger, rows = larger_continuous_seen(student, rng)
    single = student.build_continuous_classification_model(3, 1, 2, 3, summary=False)
    of_single = single(Tensor(rng.random((2, 3, 1, 1), dtype=np.float32)))
    for said, shape in ((larger.said, (3, 4, 11)), (rows, (2, 4, 11)), (of_single, (2, 3, 3))):
        expect(untroubled(said), "the predictions").has_shape(shape).between(0, 1.0001)
        expect(np.asarray(said).sum(axis=-1), "their sums").close_to(np.ones(shape[:2]), atol=1e-4)


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
# Of 200 images, a network that does 58 % does so well in about 1 of 90 cases: the other images need not be asked.
FEW_PRIVATE, PLAINLY_GOOD = 200, 0.66


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
            accuracies.append(_accuracy(layers, dense, small, labels))
            if accuracies[-1] >= GOOD:
                return accuracies[-1]
    expect(len(accuracies), "ways to read the weights as a classifier of ten digits by pixels").at_least(1)
    return max(accuracies)


def _accuracy(layers: list[Layer], dense: list[np.ndarray], small: np.ndarray, labels: np.ndarray) -> float:
    """The accuracy on all images [n, 14, 14, 1], or on the first few where it is plainly good."""
    accuracy = 0.0
    for count in (FEW_PRIVATE, len(small)):
        said = probabilities(layers, dense, small[:count].reshape(-1, 196, 1) / 255)[:, -1]
        accuracy = float((said.argmax(axis=1) == labels[:count]).mean())
        if accuracy >= PLAINLY_GOOD:
            break
    return accuracy


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

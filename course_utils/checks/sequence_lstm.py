"""The public checks of 01_sequence_lstm, which students run in their own notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_utils.checks import motion, training_runs
from course_utils.checks.criteria import check
from course_utils.checks.expectation import expect
from course_utils.checks.loaders import Loaded, loadings, pair
from course_utils.checks.lstm_oracle import probabilities, readings
from course_utils.checks.neighbours import either, either_of, or_trouble, untroubled, with_stand_ins
from course_utils.checks.student import Handle, Student
from course_utils.checks.wire import Tensor

Rng = np.random.Generator

# build_augmentation_model ---------------------------------------------------------------------------------------


def augmented(student: Student, images: np.ndarray) -> np.ndarray:
    """What a fresh augmentation makes of one image or a batch, called as training calls it."""
    probes = student.module("course_utils.checks.probes")
    return probes.in_training(student.build_augmentation_model())(Tensor(images))


def many_augmented(student: Student, image: str) -> np.ndarray:
    """220 augmentations of `motion.disc` or `motion.bar`, the same ones for all criteria."""
    original = {"disc": motion.disc, "bar": motion.bar}[image]()
    return student.once(("augmented", image), lambda: augmented(student, np.repeat(original[None], 220, axis=0)))


@check("build_augmentation_model", weight=1)
def keeps_the_shape(student: Student, rng: Rng) -> None:
    """It takes one image or a batch, and keeps the shape."""
    for shape in ((28, 28, 1), (5, 28, 28, 1)):
        images = rng.random(shape, dtype=np.float32)
        expect(augmented(student, images), f"what comes out for an image tensor of shape {shape}").has_shape(
            shape, hint="Return the model (or layer, or function), and let it change positions only, not sizes."
        ).is_finite()


@check("build_augmentation_model", weight=2)
def fills_with_zero(student: Student, rng: Rng) -> None:
    """What a shift or a rotation uncovers is filled with 0."""
    # Of a white image at least one pixel is uncovered unless a draw is tiny. Both shifts within half a pixel (of
    # +-5.6) and a turn below 1.5 degrees (of 36): 1 in 3,000 draws, so that 8 such ones of 64 never happen.
    result = augmented(student, np.ones((64, 28, 28, 1), np.float32))
    expect(result, "a batch of 64 white images, augmented").has_shape((64, 28, 28, 1))
    uncovered = int((np.asarray(result).min(axis=(1, 2, 3)) < 0.01).sum())
    expect(uncovered, "white images (of 64) in which something was uncovered and filled with 0").at_least(
        56,
        why="The paper of the digits is 0. Other fillings draw strokes that are no part of the digit.",
        hint="Look at `fill_mode` and `fill_value` of the layers; their default is a mirror image.",
    )


@check("build_augmentation_model", weight=2)
def shifts_both_ways(student: Student, rng: Rng) -> None:
    """It shifts up, down, left and right."""
    # A draw beyond 13 % to a given side has a probability of at least 0.07, also where shifts are whole pixels up to 4:
    # in 220 draws it fails to happen in less than 1 of 10^6. Turning a shift of 20 % up by 36 degrees moves it 11.8 %
    # to the side, so that less would not tell a shift of the width that is missing.
    moved = motion.displacements(many_augmented(student, "disc"))
    for axis, negative, positive in ((0, "up", "down"), (1, "to the left", "to the right")):
        hint = "A single number as `height_factor` or `width_factor` stands for both directions."
        expect(float(-moved[:, axis].min()), f"the longest shift {negative}, as a part of the side").at_least(
            0.13, hint=hint
        )
        expect(float(moved[:, axis].max()), f"the longest shift {positive}, as a part of the side").at_least(
            0.13, hint=hint
        )


@check("build_augmentation_model", weight=2)
def turns_both_ways(student: Student, rng: Rng) -> None:
    """It turns to both sides."""
    # A draw beyond 20 of +-36 degrees to a given side has probability 0.22: as above.
    turned = motion.degrees_turned(many_augmented(student, "bar"))
    hint = "The factor of RandomRotation is a part of a full turn, neither degrees nor radians."
    expect(float(-turned.min()), "the largest rotation to one side, in degrees").at_least(20, hint=hint)
    expect(float(turned.max()), "the largest rotation to the other side, in degrees").at_least(20, hint=hint)


# resize_img, normalize_img, reshape_img -------------------------------------------------------------------------


def keeps_label(function: Handle, image: np.ndarray) -> None:
    """The demand that `function` returns the label that came in, a number or a tensor."""
    why = "The label says which digit the image shows. No change of the image changes that."
    for label in (7, 0):
        expect(pair(function(Tensor(image), label))[1], "the label").equals(
            label, why=why, hint="Return it as it came."
        )
    as_tensor = pair(function(Tensor(image), Tensor(np.array(3))))[1]
    expect(as_tensor, "the label, given as a tensor").equals(3, why=why, hint="Return it as it came.")


@check("resize_img", weight=1)
def resizes_to_14_by_14(student: Student, rng: Rng) -> None:
    """An image of 28 x 28 becomes one of 14 x 14, with its channel."""
    image = rng.integers(0, 256, (28, 28, 1), dtype=np.uint8)
    small, _ = pair(student.resize_img(Tensor(image), 7))
    expect(small, "the image").has_shape((14, 14, 1), hint="(height, width, channels): the channel stays.")


@check("resize_img", weight=1)
def resizing_keeps_the_label(student: Student, rng: Rng) -> None:
    """resize_img leaves the label alone."""
    keeps_label(student.resize_img, rng.integers(0, 256, (28, 28, 1), dtype=np.uint8))


@check("normalize_img", weight=2)
def divides_by_255(student: Student, rng: Rng) -> None:
    """Grey values from 0 to 255 become float32 from 0 to 1."""
    image = rng.integers(0, 256, (28, 28, 1), dtype=np.uint8)
    image[:2, 0, 0] = 0, 255
    result, _ = pair(student.normalize_img(Tensor(image), 7))
    expect(result, "the image").has_dtype(
        "float32", why="The weights of the network are float32.", hint="Cast before you divide."
    ).close_to(image / np.float32(255), atol=1e-5, hint="Divide by 255, once.")


@check("normalize_img", weight=1)
def normalising_keeps_the_label(student: Student, rng: Rng) -> None:
    """normalize_img leaves the label alone."""
    keeps_label(student.normalize_img, rng.integers(0, 256, (28, 28, 1), dtype=np.uint8))


@check("reshape_img", weight=1)
def reshapes_to_196_steps(student: Student, rng: Rng) -> None:
    """An image becomes 196 steps of one number."""
    image = rng.random((14, 14, 1), dtype=np.float32)
    sequence, _ = pair(student.reshape_img(Tensor(image), 7))
    expect(sequence, "the sequence").has_shape((196, 1), hint="(steps, features): one feature is an axis as well.")
    expect(np.sort(np.ravel(sequence)), "its values, sorted").close_to(np.sort(image.ravel()), hint="Keep all pixels.")


@check("reshape_img", weight=1)
def reshaping_keeps_the_label(student: Student, rng: Rng) -> None:
    """reshape_img leaves the label alone."""
    keeps_label(student.reshape_img, rng.random((14, 14, 1), dtype=np.float32))


# load_row_class_data, load_px_class_data ------------------------------------------------------------------------


def harmless(student: Student) -> dict[str, Any]:
    """Stand-ins for what a loader calls. They have the right shapes and do something else than the tasks ask for."""
    probes, tf, keras = (student.module(name) for name in ("course_utils.checks.probes", "tensorflow", "keras"))
    cut = probes.partial(tf.slice, begin=[7, 7, 0], size=[14, 14, 1])
    return {
        "build_augmentation_model": probes.Answering(keras.layers.RandomFlip()),
        "resize_img": probes.on_image(cut),
        # Done twice it is not the same as done once, so that a loader that normalises twice shows.
        "normalize_img": probes.on_image(keras.layers.Rescaling(1 / 255)),
    }


def batches_of(batches: Sequence[Any], shape: tuple[int, ...], what: str) -> None:
    """The demand that these batches are some of 512 images of `shape` with their labels."""
    for number, batch in enumerate(batches[:2]):
        images, labels = pair(batch)
        size = 512 if number == 0 else len(labels)
        expect(images, f"images of a batch of {what}").has_shape(
            (size, *shape), why="512 images go through the network together.", hint="Batch the images once, by 512."
        ).has_dtype("float32").between(-0.01, 1.01, hint="Normalise every image, once.")
        expect(labels, f"labels of a batch of {what}").has_shape((size,)).between(0, 9)


def of_rows(student: Student, rng: Rng, judge: Callable[[Callable[[bool], Loaded]], None]) -> None:
    """Judge what `load_row_class_data` gives, with stand-ins for what it calls where need be."""
    either_of(partial(judge, loading) for loading in loadings(student, rng, lambda: harmless(student)))


def joined(batches: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """The images and the labels of batches, as two arrays."""
    parts = [pair(batch) for batch in batches]
    images, labels = (np.concatenate([np.atleast_1d(part[i]) for part in parts]) for i in (0, 1))
    return images, labels


@check("load_row_class_data", weight=1, timeout=120)
def loads_batches_of_rows(student: Student, rng: Rng) -> None:
    """Training and test set come in batches of 512 images of 14 x 14."""

    def judge(load: Callable[[bool], Loaded]) -> None:
        plain = load(False)
        batches_of(plain.batches("epoch"), (14, 14, 1), "the training set")
        batches_of(plain.batches("test"), (14, 14, 1), "the test set")

    of_rows(student, rng, judge)


@check("load_row_class_data", weight=1, timeout=120)
def tests_on_the_same_1000_images(student: Student, rng: Rng) -> None:
    """The test set has 1,000 images, the same in the same order each time."""

    def judge(load: Callable[[bool], Loaded]) -> None:
        passes = [load(True).batches("test"), load(True).batches("test_again"), load(False).batches("test")]
        (images, labels), *others = map(joined, passes)
        expect(len(images), "the number of test images").equals(1000, hint="Use the test split of `load_splits`.")
        why = "'Image 42' should be the same one, whoever names it, and accuracies should be comparable."
        hint = "Neither shuffle nor augment the test images."
        for other_images, other_labels in others:
            expect(other_labels, "the labels, loaded again").equals(labels, why=why, hint=hint)
            expect(other_images, "the images, loaded again").close_to(images, why=why, hint=hint)

    of_rows(student, rng, judge)


@check("load_px_class_data", weight=1, timeout=120)
def loads_batches_of_pixels(student: Student, rng: Rng) -> None:
    """Training and test set come in batches of 512 sequences of 196 pixels."""
    probes, tf = student.module("course_utils.checks.probes"), student.module("tensorflow")

    def attempt() -> None:
        train, test = pair(student.load_px_class_data(augment=False))
        batches_of(train.take(2), (196, 1), "the training set")
        batches_of(test.take(2), (196, 1), "the test set")

    rows = probes.NumberedData(int(rng.integers(2**31)), (14, 14, 1), 1500, 1000)
    blank = probes.on_image(probes.Answering(tf.zeros((196, 1))))
    either(
        with_stand_ins(student, {"load_row_class_data": rows}, attempt),
        with_stand_ins(student, {"load_row_class_data": rows, "reshape_img": blank}, attempt),
        attempt,
    )


# build_classification_model, build_continuous_classification_model -----------------------------------------------

# Few steps, since an LSTM outside of a graph is dear; all numbers are different, so that none passes for another.
STEPS, FEATURES, HIDDEN, CLASSES = 3, 4, 5, 6


def random_weights(shapes: Sequence[tuple[int, ...]], rng: Rng) -> list[np.ndarray]:
    """Arrays of these shapes, large enough for the LSTMs to leave their linear range."""
    return [rng.normal(scale=0.7, size=shape).astype(np.float32) for shape in shapes]


def shapes_by_contract(features: int, hidden: int, classes: int) -> list[tuple[int, ...]]:
    """The shapes of the weights of three LSTM layers and a dense layer, in Keras's order."""
    of_layers = [[(size, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,)] for size in (features, hidden, hidden)]
    return [shape for shapes in of_layers for shape in shapes] + [(hidden, classes), (classes,)]


def says(model: Any, x: np.ndarray) -> Any:
    """What a model says of x, or the trouble that it ran into."""
    return or_trouble(lambda: model(Tensor(x.astype(np.float32))))


def classifier_seen(student: Student, rng: Rng) -> dict[str, Any]:
    """What a classifier says about one sequence, eight sequences ("x"), and rows with a fourth axis; its weights."""

    def observe() -> dict[str, Any]:
        model = student.build_classification_model(
            input_timesteps=STEPS, input_features_size=FEATURES, hidden_size=HIDDEN, num_classes=CLASSES
        )
        inputs = {
            "one": rng.normal(size=(1, STEPS, FEATURES)),
            "eight": 5 * rng.normal(size=(8, STEPS, FEATURES)),
            "rows": rng.random((3, STEPS, FEATURES, 1)),
        }
        said = {name: says(model, x) for name, x in inputs.items()}
        weights = or_trouble(lambda: [np.asarray(weight) for weight in model.get_weights()])
        return {**said, "x": inputs["eight"], "weights": weights}

    return student.once("classifier", observe)


@check("build_classification_model", weight=1)
def predicts_for_every_batch_size(student: Student, rng: Rng) -> None:
    """It gives one prediction for each sequence, for every batch size."""
    seen = classifier_seen(student, rng)
    for name, batch in (("one", 1), ("eight", 8)):
        what = f"predictions for {batch} sequences of {STEPS} steps with {FEATURES} features, {CLASSES} classes"
        expect(untroubled(seen[name]), what).has_shape(
            (batch, CLASSES), hint="The last LSTM layer hands on its last state only; use the function's arguments."
        )


@check("build_classification_model", weight=1)
def predicts_probabilities(student: Student, rng: Rng) -> None:
    """Its predictions are probabilities."""
    result = untroubled(classifier_seen(student, rng)["eight"])
    why = "The loss takes the predictions as probabilities of the classes."
    expect(result, "the predictions").between(0, 1.0001, why=why, hint="Which activation has the last layer?")
    sums = np.asarray(result).sum(axis=-1)
    expect(sums, "their sums over the classes").close_to(
        np.ones(8), atol=1e-4, why=why, hint="Which activation has the last layer?"
    )


@check("build_classification_model", weight=1)
def takes_row_data(student: Student, rng: Rng) -> None:
    """It takes the row data's fourth axis as well."""
    result = untroubled(classifier_seen(student, rng)["rows"])
    expect(result, f"predictions for (3, {STEPS}, {FEATURES}, 1)").has_shape(
        (3, CLASSES),
        why="Images by rows come as (batch, 14, 14, 1).",
        hint="Say the input's shape with keras.Input, or reshape first.",
    )


@check("build_classification_model", weight=1)
def counts_its_weights(student: Student, rng: Rng) -> None:
    """It has the weights of three LSTM layers and a dense layer, and no others."""
    weights = untroubled(classifier_seen(student, rng)["weights"])
    expect(sorted(weight.size for weight in weights), "the numbers of entries of the weights").equals(
        sorted(int(np.prod(shape)) for shape in shapes_by_contract(FEATURES, HIDDEN, CLASSES)),
        hint="How many LSTM layers are there, and of which size?",
    )


@dataclass(frozen=True)
class Continuous:
    """What a continuous model with known weights said of x [2, T, F], or the trouble with setting or saying it."""

    x: np.ndarray
    weights: list[np.ndarray]
    said: Any


def continuous_seen(student: Student, rng: Rng) -> Continuous:
    """The observation of a continuous model with weights in the classifier's order."""

    def observe() -> Continuous:
        model = student.build_continuous_classification_model(STEPS, FEATURES, HIDDEN, CLASSES, summary=False)
        x = rng.normal(size=(2, STEPS, FEATURES)).astype(np.float32)
        weights = random_weights(shapes_by_contract(FEATURES, HIDDEN, CLASSES), rng)
        # Weights of another order or number: what it says without them still has a shape.
        taken = or_trouble(lambda: model.set_weights(weights))
        return Continuous(x, [] if isinstance(taken, Exception) else weights, says(model, x))

    return student.once("continuous", observe)


@check("build_continuous_classification_model", weight=1)
def predicts_at_every_step(student: Student, rng: Rng) -> None:
    """It gives probabilities after every step."""
    result = untroubled(continuous_seen(student, rng).said)
    expect(result, f"predictions for 2 sequences of {STEPS} steps, {CLASSES} classes").has_shape(
        (2, STEPS, CLASSES), hint="Every LSTM layer hands on all its states."
    ).between(0, 1.0001)
    sums = np.asarray(result).sum(axis=-1)
    expect(sums, "the sums over the classes").close_to(np.ones((2, STEPS)), atol=1e-4)


@check("build_continuous_classification_model", weight=1)
def agrees_with_the_classifier(student: Student, rng: Rng) -> None:
    """With the classifier's weights, its last step is what the classifier says."""
    hint = "The same layers in the same order; only what the last LSTM layer returns differs."

    def as_the_contract() -> None:
        seen = continuous_seen(student, rng)
        result = np.asarray(untroubled(seen.said))[:, -1]
        expect(bool(seen.weights), "the weights").is_true("in shapes and order the classifier's", hint=hint)
        layers, dense = next(readings(seen.weights, FEATURES))
        expect(result, "the prediction at the last step").close_to(
            probabilities(layers, dense, seen.x)[:, -1], atol=1e-4, hint=hint
        )

    def as_own_classifier() -> None:
        x = rng.normal(size=(3, STEPS, FEATURES)).astype(np.float32)
        model = student.build_continuous_classification_model(STEPS, FEATURES, HIDDEN, CLASSES, summary=False)
        classifier = student.build_classification_model(STEPS, FEATURES, HIDDEN, CLASSES, summary=False)
        model(Tensor(x))
        classifier(Tensor(x))
        weights = random_weights([np.shape(weight) for weight in classifier.get_weights()], rng)
        classifier.set_weights(weights)
        model.set_weights(weights)
        expect(np.asarray(model(Tensor(x)))[:, -1], "the prediction at the last step").close_to(
            classifier(Tensor(x)), atol=1e-4, hint=hint
        )

    either(as_the_contract, as_own_classifier)


# run_px_classification_experiment, run_row_classification_experiment ------------------------------------------------

PX = training_runs.Experiment("run_px_classification_experiment", "load_px_class_data", (196, 1))
ROWS = training_runs.Experiment("run_row_classification_experiment", "load_row_class_data", (14, 14, 1))


@check("run_px_classification_experiment", weight=2, timeout=120)
def trains_by_pixels(student: Student, rng: Rng) -> None:
    """It trains for num_epochs epochs, and returns the trained model and its History."""
    training_runs.returns_model_and_history(training_runs.trained(student, PX, rng))


@check("run_px_classification_experiment", weight=2, timeout=120)
def compiles_by_pixels(student: Student, rng: Rng) -> None:
    """It compiles with the loss, the optimizer, the learning rate and the metric that are asked for."""
    training_runs.is_compiled_as_asked(training_runs.trained(student, PX, rng))


@check("run_px_classification_experiment", weight=1, timeout=120)
def stops_early_by_pixels(student: Student, rng: Rng) -> None:
    """It stops when the loss on the validation images no longer falls."""
    training_runs.stopped_early(training_runs.levelled_off(student, PX, rng))


@check("run_px_classification_experiment", weight=1, timeout=120)
def slows_down_by_pixels(student: Student, rng: Rng) -> None:
    """It lowers the learning rate when the loss on the validation images no longer falls."""
    training_runs.slows_down(student, PX, rng)


@check("run_row_classification_experiment", weight=1, timeout=120)
def trains_by_rows(student: Student, rng: Rng) -> None:
    """It trains for num_epochs epochs, and returns the trained model and its History."""
    training_runs.returns_model_and_history(training_runs.trained(student, ROWS, rng))


@check("run_row_classification_experiment", weight=1, timeout=120)
def compiles_by_rows(student: Student, rng: Rng) -> None:
    """It compiles with the loss, the optimizer, the learning rate and the metric that are asked for."""
    training_runs.is_compiled_as_asked(training_runs.trained(student, ROWS, rng))


# trained_px_weights -------------------------------------------------------------------------------------------------


@check("trained_px_weights", weight=1)
def hands_in_weights(student: Student, rng: Rng) -> None:
    """The folder `trained` holds the weights of a classifier that reads pixel by pixel."""
    weights = student.module("course_utils.training").read_weights("trained/px_classification.weights.h5")
    arrays = [array for _, array in weights]
    expect(bool(list(readings(arrays, 1))), "weights of LSTM layers that read one number a step").is_true(
        "three LSTM layers and one dense layer",
        hint="Train with `utils.training.kept`, and hand in the folder `trained` with the notebook.",
        got="weights of shapes " + ", ".join(str(np.shape(array)) for array in arrays[:14]),
    )

"""Judges an experiment by a few short runs: its data are numbered noise, and its model writes down what it sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.expectation import Unmet, expect
from course_utils.checks.neighbours import TROUBLE, either, with_stand_ins
from course_utils.checks.probes import VERSIONS, Numbered, digests
from course_utils.checks.student import Died, Handle, Student, StudentError, TimedOut
from course_utils.checks.wire import Tensor

# 16 batches of 512: enough for a validation split of the usual sizes, counted in images or in batches.
TRAIN, TEST = 8192, 1000


@dataclass(frozen=True)
class Experiment:
    """An experiment's function, the loader that it calls, and the shape (T, F) or (T, F, 1) of its inputs."""

    function: str
    loader: str
    shape: tuple[int, ...]

    @property
    def timesteps_and_features(self) -> tuple[int, int]:
        """(T, F)."""
        return self.shape[0], self.shape[1]


@dataclass(frozen=True)
class Run:
    """What a run returned, what its models saw, and the images that it was given; `seed` made them."""

    experiment: Experiment
    returned: Any
    models: Handle
    seed: int
    num_epochs: int

    @property
    def model_and_history(self) -> tuple[Any, Any]:
        """The two parts of what was returned; Unmet if there are no two."""
        if not (isinstance(self.returned, (tuple, list)) and len(self.returned) == 2):
            expect(self.returned, "what comes back").is_true("a pair (model, history)", hint="Return both.")
        return self.returned[0], self.returned[1]

    def curves(self) -> dict[str, list]:
        """The quantities of the History, each with a value an epoch; Unmet if it is none."""
        curves: Any = getattr(self.model_and_history[1], "history", None)
        if not isinstance(curves, dict):
            expect(self.model_and_history[1], "the second part of what comes back").is_true(
                "the History that fit returned", hint="Return what `fit` returned, as it is."
            )
        return curves

    def training_data(self) -> Numbered:
        """The training images that the stand-in for the loader gives: version 0 as they are, the others augmented."""
        return Numbered.drawn(self.seed, TRAIN, VERSIONS + 1, int(np.prod(self.experiment.shape)))

    def test_data(self) -> Numbered:
        """The test images that the stand-in for the loader gives."""
        return Numbered.drawn(self.seed + 1, TEST, 1, int(np.prod(self.experiment.shape)))

    def seen(self) -> list[tuple[bool, np.ndarray]]:
        """What passed through the model: (training, digests) in order."""
        seen = self.models.seen()
        expect(any(training for training, _ in seen), "whether a model of the builder was trained").is_true(
            "training of what `build_classification_model` returns"
        )
        return seen

    def trained_on(self) -> np.ndarray:
        """The digests of the images that were trained on, in order."""
        return np.concatenate([part for training, part in self.seen() if training])

    def validated_on(self) -> np.ndarray:
        """The digests of the images that were predicted for between the first and the last epoch of training."""
        seen = self.seen()
        epochs = [index for index, (training, _) in enumerate(seen) if training]
        between = [part for training, part in seen[epochs[0] : epochs[-1]] if not training]
        return np.concatenate(between) if between else np.zeros(0, np.int64)


def run(student: Student, experiment: Experiment, seed: int, num_epochs: int, gain: float = 0.0) -> Run:
    """Run the experiment with stand-ins for the loader and the model."""
    probes = student.module("course_utils.checks.probes")
    models = probes.WatchedModels(gain)
    student.replace(experiment.loader, probes.NumberedData(seed, experiment.shape, TRAIN, TEST))
    student.replace("build_classification_model", models)
    returned = getattr(student, experiment.function)(num_epochs=num_epochs)
    return Run(experiment, returned, models, seed, num_epochs)


def preprocessing(student: Student, experiment: Experiment) -> dict[str, Any]:
    """Stand-ins for what validation images may go through. They keep the number of pixels right, and no more."""
    probes, tf = student.module("course_utils.checks.probes"), student.module("tensorflow")
    cut = probes.partial(tf.slice, begin=[7, 7, 0], size=[14, 14, 1])
    return {
        "resize_img": probes.on_image(cut),
        "normalize_img": probes.on_image(probes.partial(tf.image.convert_image_dtype, dtype="float32")),
        "reshape_img": probes.on_image(probes.partial(tf.reshape, shape=list(experiment.shape))),
    }


def attempted(
    student: Student,
    experiment: Experiment,
    rng: np.random.Generator,
    num_epochs: int,
    judge: Callable[[Run], None],
) -> None:
    """Judge a run with the student's own preprocessing or, where that does not work, with stand-ins for it."""
    seed = int(rng.integers(2**31))

    def attempt() -> None:
        judge(run(student, experiment, seed, num_epochs))

    _without_breaking(student, experiment, attempt)


def _without_breaking(student: Student, experiment: Experiment, attempt: Callable[[], None]) -> None:
    """The attempt, and once more with stand-ins for the preprocessing where an exception ended it."""
    try:
        with_stand_ins(student, {}, attempt)()
    except (TimedOut, Died):
        raise
    except StudentError as error:
        try:
            with_stand_ins(student, preprocessing(student, experiment), attempt)()
        except TROUBLE:
            raise error from None


def returns_model_and_history(result: Run) -> None:
    """It trained for as many epochs as it was told, and returned that very model and the History."""
    model, _ = result.model_and_history
    curves = result.curves()
    lengths = {name: len(values) for name, values in curves.items() if isinstance(values, (list, np.ndarray))}
    expect(lengths.get("loss"), "the number of epochs in the History").equals(
        result.num_epochs, hint="Hand `num_epochs` on to `fit`."
    )
    expect(lengths.get("val_loss"), "the number of epochs with a loss on validation images").equals(
        result.num_epochs, why="The callbacks watch it.", hint="Give `fit` validation_data."
    )
    trained_on = result.trained_on()
    times = np.unique(trained_on, return_counts=True)[1]
    # Each image comes in two versions, and an epoch draws one of them: at most num_epochs times the same one.
    expect(int(times.max()), "how often one and the same image was trained on").at_most(result.num_epochs)
    expect(len(trained_on) / result.num_epochs, "the number of images trained on in an epoch").at_least(1000)
    expect(isinstance(model, Handle), "the first part of what comes back").is_true("the trained model")
    weights = [np.asarray(weight) for weight in model.get_weights()]
    expect(bool(weights) and any(np.abs(weight).max() > 1e-3 for weight in weights), "the returned model").is_true(
        "the model that was trained", got="a model that is as it was before training"
    )


def is_compiled_as_asked(result: Run) -> None:
    """Loss, accuracy and the size of the first training step are those of what the task asks for."""
    model, _ = result.model_and_history
    rng = np.random.default_rng(result.seed)
    x = Numbered.drawn(result.seed + 2, 60, 1, int(np.prod(result.experiment.shape))).images
    x = (x.reshape(60, *result.experiment.shape) / 255).astype(np.float32)
    said = np.asarray(model(Tensor(x)), np.float64)
    expect(said, "the model's predictions").has_shape((60, 10)).is_finite()
    labels = said.argmax(axis=1)
    labels[:20] = (labels[:20] + rng.integers(1, 10, 20)) % 10
    measured = model.evaluate(x, labels, verbose=0, return_dict=True)
    expect(measured.get("loss"), "the loss that `evaluate` gives").close_to(
        -np.log(said[np.arange(60), labels]).mean(),
        atol=1e-3,
        why="Sparse categorical cross-entropy is the mean of -log p of the right class, and the model gives the p.",
        hint="Look at the loss in `compile`, and at its `from_logits`.",
    )
    metrics = [value for name, value in measured.items() if name != "loss"]
    expect(any(abs(float(value) - 2 / 3) < 1e-3 for value in metrics), "the metrics").is_true(
        "the accuracy among them", hint="compile(..., metrics=['accuracy'])", got=f"metrics {list(measured)}"
    )
    first_step = result.models.after_first_step()
    expect(first_step, "the biases after the first step").is_array()
    # The first step of RMSprop moves every weight by rate / sqrt(1 - rho), whatever the gradient: 0.032 by default,
    # 0.1 at rho 0.99. Adam moves them by its rate, 0.01; SGD by rate times gradient, below 0.001.
    # The median, since a gradient near 0 (a class as frequent as predicted) moves less.
    expect(float(np.median(np.abs(first_step))), "how far the first step of training moves the biases").between(
        0.02,
        0.11,
        why="RMSprop at 1e-2 moves each weight by 0.032.",
        hint="Look at the optimizer and its learning rate.",
    )


def stopped_early(result: Run) -> None:
    """It ended before num_epochs, since the stand-in's loss on validation images never changes."""
    # A patience of up to 30 epochs passes; the notebook suggests less than that.
    expect(
        len(result.curves().get("loss", [])), f"epochs (of {result.num_epochs}) with a constant validation loss"
    ).between(
        1,
        result.num_epochs - 1,
        why="It has nothing to gain from then on.",
        hint="EarlyStopping watches `val_loss`; hand it to `fit` in `callbacks`.",
    )


def slowed_down(result: Run) -> None:
    """The learning rate is lower than it was at first."""
    model, _ = result.model_and_history
    rate = model.optimizer.learning_rate
    expect(rate, "the learning rate after a constant validation loss").between(
        0, 0.00999, hint="ReduceLROnPlateau watches `val_loss`; hand it to `fit` in `callbacks`."
    )


def slows_down(student: Student, experiment: Experiment, rng: np.random.Generator) -> None:
    """The demand that the learning rate falls on a plateau.

    Where training stops first, since its patience is the shorter one, the second attempt lets the loss fall by 3e-6
    an epoch: enough for EarlyStopping to go on, and too little for ReduceLROnPlateau (both as Keras has them).
    """
    seed = int(rng.integers(2**31))

    def attempt(num_epochs: int, gain: float) -> Callable[[], None]:
        return lambda: slowed_down(run(student, experiment, seed, num_epochs, gain))

    either(
        lambda: _without_breaking(student, experiment, attempt(25, 0.0)),
        lambda: _without_breaking(student, experiment, attempt(14, 2e-7)),
    )


def builds_for_its_data(result: Run) -> None:
    """The model is built for the sequences that it is to read, and for ten classes."""
    sizes = [tuple(size) for size in result.models.sizes]
    found = [(steps, features, classes) for steps, features, _, classes in sizes]
    expect((*result.experiment.timesteps_and_features, 10) in found, "the model's sizes").is_true(
        "steps, features and classes of the data", got=f"(steps, features, classes) {found}"
    )


def trains_on_augmented_images(result: Run) -> None:
    """It trains on the loader's augmented training images alone, drawn anew for each epoch."""
    data = result.training_data()
    trained_on = result.trained_on()
    versions = [data.digests(version) for version in range(VERSIONS + 1)]
    augmented = np.concatenate(versions[1:])
    expect(np.isin(trained_on, result.test_data().digests()).any(), "training on test images").equals(False)
    expect(
        float(np.isin(trained_on, augmented).mean()), "the part of augmented images among those trained on"
    ).at_least(0.999)
    both = np.isin(versions[1], trained_on) & np.isin(versions[2], trained_on)
    once = np.isin(versions[1], trained_on) | np.isin(versions[2], trained_on)
    # Each image has two versions, drawn with equal probability: over two epochs both are seen of half of them,
    # give or take less than 5 % of at least 1,000 images (below 0.4 with probability under 10^-9).
    expect(
        float(both.sum() / max(once.sum(), 1)), "the part of images that were augmented differently in two epochs"
    ).at_least(0.4)


def validates_on_other_images(result: Run) -> None:
    """The images that it validates on are none of the training or the test set's."""
    data = result.training_data()
    validated, trained = result.validated_on(), result.trained_on()
    expect(len(validated), "the number of images validated on between two epochs").at_least(1)
    expect(np.isin(validated, result.test_data().digests()).any(), "validation on test images").equals(False)
    versions = [data.digests(version) for version in range(VERSIONS + 1)]
    trained_ids, validated_ids = (
        np.any([np.isin(version, part) for version in versions], axis=0) for part in (trained, validated)
    )
    expect(int((trained_ids & validated_ids).sum()), "images both trained and validated on").equals(0)


def validates_on_other_images_of_its_own_data(
    student: Student, experiment: Experiment, rng: np.random.Generator
) -> None:
    """As before, with the student's own loader, left unaugmented: for splits that are made while loading.

    A loader that does not work, or that augments without `build_augmentation_model`, has nothing to compare.
    """
    probes, keras = student.module("course_utils.checks.probes"), student.module("keras")
    models = probes.WatchedModels(0.0)
    try:
        student.replace("build_augmentation_model", probes.Answering(keras.layers.Identity()))
        _, test = getattr(student, experiment.loader)(augment=False)
        tested = np.concatenate([digests(np.asarray(images)) for images, _ in test.take(40)])
        student.replace("build_classification_model", models)
        returned = getattr(student, experiment.function)(num_epochs=2)
        result = Run(experiment, returned, models, 0, 2)
        validated, trained = result.validated_on(), result.trained_on()
    except (TimedOut, Died):
        raise
    except TROUBLE:
        return
    finally:
        student.restore()
    shared = {
        "training": float(np.isin(validated, trained).mean()) if len(validated) else 0.0,
        "test": float(np.isin(validated, tested).mean()) if len(validated) else 0.0,
    }
    for name, part in shared.items():
        # Some of the embedded digits are drawn alike, hence not 0.
        if part > 0.02:
            raise Unmet(f"{part:.0%} of the validation images in the {name} set", "none")

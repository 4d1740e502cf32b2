"""Judges an experiment by a few short runs: its data are numbered noise, and its model writes down what it sees."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.expectation import Unmet, expect
from course_utils.checks.neighbours import TROUBLE, either, or_trouble, untroubled
from course_utils.checks.probes import VERSIONS, Numbered, digests
from course_utils.checks.student import Died, Handle, Student, StudentError, TimedOut
from course_utils.checks.wire import Tensor

# 16 batches of 512: enough for a validation split of the usual sizes, counted in images or in batches.
TRAIN, TEST = 8192, 1000
PROBES = 60
# Images that a loader's own data set has; at last enough for 5,000 of them to be kept for validation.
SERVED_TRAIN = (2_500, 6_000)


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
    """What could be seen of a run, in plain values; the images that it was given were made by `seed`.

    model: of what it returned, see `of_model`, what is asked of such a run; None where that is no model. sizes: (steps,
    features, hidden, classes) of every model that was built. seen: what passed through the trained model, as
    (training, digests) in order.
    """

    experiment: Experiment
    seed: int
    num_epochs: int
    returned: str
    is_pair: bool
    curves: dict[str, list] | None
    model: dict[str, Any] | None
    sizes: list[tuple[int, ...]]
    seen: list[tuple[bool, np.ndarray]]
    first_step: np.ndarray | None

    @functools.cached_property
    def training_images(self) -> list[np.ndarray]:
        """The digests of the training images that the stand-in for the loader gives: of each version of them, version 0
        as they are, the others augmented.
        """
        data = Numbered.drawn(self.seed, TRAIN, VERSIONS + 1, int(np.prod(self.experiment.shape)))
        return [data.digests(version) for version in range(VERSIONS + 1)]

    @functools.cached_property
    def test_images(self) -> np.ndarray:
        """The digests of the test images that the stand-in for the loader gives."""
        return Numbered.drawn(self.seed + 1, TEST, 1, int(np.prod(self.experiment.shape))).digests()

    def demand_pair(self) -> None:
        """Unmet unless a model and a History came back."""
        if not self.is_pair:
            expect(self.returned, "what comes back").is_true(
                "a pair (model, history)", hint="Return both.", got=self.returned
            )
        if self.curves is None:
            expect(self.curves, "the second part of what comes back").is_true(
                "the History that fit returned", hint="Return what `fit` returned, as it is."
            )

    def of_model(self, name: str) -> Any:
        """ "weights", "learning rate", "predictions" for `probe_images` or "metrics" of a test on these images
        and `probe_labels`. Raises what asking for it raised, and Unmet where there is no model.
        """
        self.demand_pair()
        if self.model is None:
            expect(False, "the first part of what comes back").is_true("the trained model", got="no model")
            return None
        return untroubled(self.model[name])

    def epochs(self, quantity: str) -> int | None:
        """How many values the History has for a quantity; None where it lacks it."""
        values = (self.curves or {}).get(quantity)
        return len(values) if isinstance(values, (list, np.ndarray)) else None

    def demand_training(self) -> None:
        """Unmet unless a model of the builder was trained."""
        expect(any(training for training, _ in self.seen), "whether a model of the builder was trained").is_true(
            "training of what `build_classification_model` returns"
        )

    def trained_on(self) -> np.ndarray:
        """The digests of the images that were trained on, in order."""
        self.demand_training()
        return np.concatenate([part for training, part in self.seen if training])

    def validated_on(self) -> np.ndarray:
        """The digests of the images that were predicted for between the first and the last epoch of training."""
        self.demand_training()
        epochs = [index for index, (training, _) in enumerate(self.seen) if training]
        between = [part for training, part in self.seen[epochs[0] : epochs[-1]] if not training]
        return np.concatenate(between) if between else np.zeros(0, np.int64)


def probe_images(experiment: Experiment, seed: int) -> np.ndarray:
    """float32 [60, *shape]: images that no run has trained on."""
    images = Numbered.drawn(seed + 2, PROBES, 1, int(np.prod(experiment.shape))).images
    return (images.reshape(PROBES, *experiment.shape) / 255).astype(np.float32)


def probe_labels(said: np.ndarray, seed: int) -> np.ndarray:
    """[60] labels of which the predictions miss the first third."""
    labels = np.asarray(said).argmax(axis=1)
    labels[: PROBES // 3] = (labels[: PROBES // 3] + np.random.default_rng(seed).integers(1, 10, PROBES // 3)) % 10
    return labels


def trained(student: Student, experiment: Experiment, rng: np.random.Generator) -> Run:
    """A run of three epochs, the same one for all criteria; StudentError where it raises."""
    return _observed(student, experiment, rng, 3, 0.0, ("weights", "predictions", "metrics"))


def levelled_off(student: Student, experiment: Experiment, rng: np.random.Generator, gain: float = 0.0) -> Run:
    """A run with one step an epoch, whose validation loss never changes or, with a gain, falls by next to nothing."""
    return _observed(student, experiment, rng, 14 if gain else 40, gain, ("learning rate",))


def _observed(
    student: Student,
    experiment: Experiment,
    rng: np.random.Generator,
    num_epochs: int,
    gain: float,
    asked: Sequence[str],
) -> Run:
    """A run with the student's own preprocessing or, where that does not work, with stand-ins for it."""
    seed = int(rng.integers(2**31))

    def observe() -> Run:
        try:
            return run(student, experiment, seed, num_epochs, gain, asked)
        except (TimedOut, Died):
            raise
        except StudentError as error:
            try:
                for name, stand_in in preprocessing(student, experiment).items():
                    student.replace(name, stand_in)
                return run(student, experiment, seed, num_epochs, gain, asked)
            except TROUBLE:
                raise error from None
        finally:
            student.restore()

    return student.once(("run", experiment.function, num_epochs, gain), observe)


def run(student: Student, experiment: Experiment, seed: int, num_epochs: int, gain: float, asked: Sequence[str]) -> Run:
    """Run the experiment with stand-ins for the loader and the model, and look at what it returns."""
    probes = student.module("course_utils.checks.probes")
    # How the images are used is seen in the run that `trained` asks for; the callbacks look at the validation alone.
    models = probes.WatchedModels(gain, steps_per_epoch=1 if "learning rate" in asked else None)
    student.replace(experiment.loader, probes.NumberedData(seed, experiment.shape, TRAIN, TEST))
    student.replace("build_classification_model", models)
    returned = getattr(student, experiment.function)(num_epochs=num_epochs)
    return looked_at(returned, models, experiment, seed, num_epochs, asked)


def looked_at(
    returned: Any, models: Handle, experiment: Experiment, seed: int, num_epochs: int, asked: Sequence[str]
) -> Run:
    """What a run returned, with what is `asked` of its model, and what its models saw, in plain values."""
    is_pair = isinstance(returned, (tuple, list)) and len(returned) == 2
    model, history = returned if is_pair else (None, None)
    curves = getattr(history, "history", None)
    return Run(
        experiment=experiment,
        seed=seed,
        num_epochs=num_epochs,
        returned=repr(returned) if isinstance(returned, Handle) else type(returned).__name__,
        is_pair=is_pair,
        curves=curves if isinstance(curves, dict) else None,
        model=_model_seen(model, experiment, seed, asked) if isinstance(model, Handle) else None,
        sizes=[tuple(size) for size in models.sizes],
        seen=models.seen(),
        first_step=models.after_first_step(),
    )


def _model_seen(model: Handle, experiment: Experiment, seed: int, asked: Sequence[str]) -> dict[str, Any]:
    """What is asked of a model by name, see `Run.of_model`; in the place of each the exception that it raised."""
    x = probe_images(experiment, seed)

    def metrics() -> dict:
        labels = probe_labels(np.asarray(model(Tensor(x))), seed)
        model.reset_metrics()
        return model.test_on_batch(x, labels, return_dict=True)

    ways: dict[str, Callable[[], Any]] = {
        "weights": lambda: [np.asarray(weight) for weight in model.get_weights()],
        "learning rate": lambda: model.optimizer.learning_rate,
        "predictions": lambda: model(Tensor(x)),
        "metrics": metrics,
    }
    return {name: or_trouble(ways[name]) for name in asked}


def unlike_images(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [count, 28, 28, 1], noise in blocks that outlive resizing, and labels [count]."""
    blocks = rng.integers(0, 256, (count, 14, 14), dtype=np.uint8)
    return np.repeat(np.repeat(blocks, 2, axis=1), 2, axis=2)[..., None], rng.integers(0, 10, count)


def preprocessing(student: Student, experiment: Experiment) -> dict[str, Any]:
    """Stand-ins for what validation images may go through. They keep the number of pixels right, and no more."""
    probes, tf = student.module("course_utils.checks.probes"), student.module("tensorflow")
    cut = probes.partial(tf.slice, begin=[7, 7, 0], size=[14, 14, 1])
    return {
        "resize_img": probes.on_image(cut),
        "normalize_img": probes.on_image(probes.partial(tf.image.convert_image_dtype, dtype="float32")),
        "reshape_img": probes.on_image(probes.partial(tf.reshape, shape=list(experiment.shape))),
    }


def returns_model_and_history(result: Run) -> None:
    """It trained for as many epochs as it was told, and returned that very model and the History."""
    result.demand_pair()
    expect(result.epochs("loss"), "the number of epochs in the History").equals(
        result.num_epochs, hint="Hand `num_epochs` on to `fit`."
    )
    expect(result.epochs("val_loss"), "the number of epochs with a loss on validation images").equals(
        result.num_epochs, why="The callbacks watch it.", hint="Give `fit` validation_data."
    )
    trained_on = result.trained_on()
    times = np.unique(trained_on, return_counts=True)[1]
    # Each image comes in two versions, and an epoch draws one of them: at most num_epochs times the same one.
    expect(int(times.max()), "how often one and the same image was trained on").at_most(result.num_epochs)
    expect(len(trained_on) / result.num_epochs, "the number of images trained on in an epoch").at_least(1000)
    moved = any(np.abs(weight).max() > 1e-3 for weight in result.of_model("weights") if weight.size)
    expect(moved, "the returned model").is_true(
        "the model that was trained", got="a model that is as it was before training"
    )


def is_compiled_as_asked(result: Run) -> None:
    """Loss, accuracy and the size of the first training step are those of what the task asks for."""
    said = result.of_model("predictions")
    expect(said, "the model's predictions").has_shape((PROBES, 10)).is_finite()
    said = np.asarray(said, np.float64)
    measured = result.of_model("metrics")
    labels = probe_labels(said, result.seed)
    expect(measured.get("loss"), "the loss that it was compiled with").close_to(
        -np.log(said[np.arange(PROBES), labels]).mean(),
        atol=1e-3,
        why="Sparse categorical cross-entropy is the mean of -log p of the right class, and the model gives the p.",
        hint="Look at the loss in `compile`, and at its `from_logits`.",
    )
    metrics = [value for name, value in measured.items() if name != "loss"]
    expect(any(abs(float(value) - 2 / 3) < 1e-3 for value in metrics), "the metrics").is_true(
        "the accuracy among them",
        hint="compile(..., metrics=['accuracy'])",
        got=f"metrics {list(measured)}",
    )
    expect(result.first_step, "the biases after the first step").is_array()
    # The first step of RMSprop moves every weight by rate / sqrt(1 - rho), whatever the gradient: 0.032 by default,
    # 0.1 at rho 0.99. Adam moves them by its rate, 0.01; SGD by rate times gradient, below 0.001.
    # The median, since a gradient near 0 (a class as frequent as predicted) moves less.
    moved = np.abs(np.asarray(result.first_step, np.float64))
    expect(float(np.median(moved)), "how far the first step of training moves the biases").between(
        0.02,
        0.11,
        why="RMSprop at 1e-2 moves each weight by 0.032.",
        hint="Look at the optimizer and its learning rate.",
    )


def stopped_early(result: Run) -> None:
    """It ended before num_epochs, since the stand-in's loss on validation images never changes."""
    result.demand_pair()
    # A patience of up to 30 epochs passes; the notebook suggests less than that.
    expect(result.epochs("loss") or 0, f"epochs (of {result.num_epochs}) with a constant validation loss").between(
        1,
        result.num_epochs - 1,
        why="It has nothing to gain from then on.",
        hint="EarlyStopping watches `val_loss`; hand it to `fit` in `callbacks`.",
    )


def slowed_down(result: Run) -> None:
    """The learning rate is lower than it was at first."""
    expect(result.of_model("learning rate"), "the learning rate after a constant validation loss").between(
        0, 0.00999, hint="ReduceLROnPlateau watches `val_loss`; hand it to `fit` in `callbacks`."
    )


def slows_down(student: Student, experiment: Experiment, rng: np.random.Generator) -> None:
    """The demand that the learning rate falls on a plateau.

    Where training stops first, since its patience is the shorter one, the second attempt lets the loss fall by 3e-6
    an epoch: enough for EarlyStopping to go on, and too little for ReduceLROnPlateau (both as Keras has them).
    """
    either(
        lambda: slowed_down(levelled_off(student, experiment, rng)),
        lambda: slowed_down(levelled_off(student, experiment, rng, 3e-6)),
    )


def builds_for_its_data(result: Run) -> None:
    """The model is built for the sequences that it is to read, and for ten classes."""
    found = [(steps, features, classes) for steps, features, _, classes in result.sizes]
    expect((*result.experiment.timesteps_and_features, 10) in found, "the model's sizes").is_true(
        "steps, features and classes of the data", got=f"(steps, features, classes) {found}"
    )


def trains_on_augmented_images(result: Run) -> None:
    """It trains on the loader's augmented training images alone, drawn anew for each epoch."""
    trained_on = result.trained_on()
    versions = result.training_images
    augmented = np.concatenate(versions[1:])
    expect(np.isin(trained_on, result.test_images).any(), "training on test images").equals(False)
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
    validated, trained = result.validated_on(), result.trained_on()
    expect(len(validated), "the number of images validated on between two epochs").at_least(1)
    expect(np.isin(validated, result.test_images).any(), "validation on test images").equals(False)
    trained_ids, validated_ids = (
        np.any([np.isin(version, part) for version in result.training_images], axis=0) for part in (trained, validated)
    )
    expect(int((trained_ids & validated_ids).sum()), "images both trained and validated on").equals(0)


def validates_on_other_images_of_its_own_data(
    student: Student, experiment: Experiment, rng: np.random.Generator
) -> None:
    """As before, with the student's own loader of images served, left unaugmented: for splits made while loading.

    A loader that does not work, or that augments without `build_augmentation_model`, has nothing to compare. For one
    that has nothing among few images there are more, since it may hold out the first 5,000.
    """
    for count in SERVED_TRAIN:
        if _compares_validation(student, experiment, rng, count):
            return


def _compares_validation(student: Student, experiment: Experiment, rng: np.random.Generator, count: int) -> bool:
    """Whether there were images to compare, with `count` to train on. Raises Unmet where they were others' as well."""
    probes, keras = student.module("course_utils.checks.probes"), student.module("keras")
    data = student.module("course_utils.data")
    models = probes.WatchedModels(0.0, steps_per_epoch=1, whole_epochs=1)
    train, test = student.once(("unlike images", count), lambda: (unlike_images(rng, count), unlike_images(rng, TEST)))
    try:
        data.serving("mnist", train, test)
        if student.has("mnist"):
            student.replace("mnist", data.load("mnist"))
        student.replace("build_augmentation_model", probes.Answering(keras.layers.Identity()))
        load = getattr(student, experiment.loader)
        loader = probes.Remembering(load)
        student.replace(experiment.loader, loader)
        student.replace("build_classification_model", models)
        returned = getattr(student, experiment.function)(num_epochs=2)
        result = looked_at(returned, models, experiment, 0, 2, ())
        _, test_set = (loader.returned or [load(augment=False)])[0]
        tested = np.concatenate([digests(np.asarray(images)) for images, _ in test_set.take(40)])
        validated, trained_on = result.validated_on(), result.trained_on()
    except (TimedOut, Died):
        raise
    except TROUBLE:
        return False
    finally:
        data.stop_serving("mnist")
        student.restore()
    if len(np.unique(tested)) < 0.9 * len(tested):
        return False  # what prepares the images has made them alike: they say nothing about this function
    shared = {
        "training": float(np.isin(validated, trained_on).mean()) if len(validated) else 0.0,
        "test": float(np.isin(validated, tested).mean()) if len(validated) else 0.0,
    }
    for name, part in shared.items():
        # A notebook that took its data before the check came has digits, some of which are drawn alike: hence not 0.
        if part > 0.02:
            raise Unmet(f"{part:.0%} of the validation images in the {name} set", "none")
    return len(validated) > 0

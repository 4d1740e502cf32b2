"""The plots show what they are given, whatever shape it comes in, and leave matplotlib's global state alone."""

import io
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from IPython.display import Image
from matplotlib._pylab_helpers import Gcf
from PIL import Image as PillowImage

from course_utils import plots
from course_utils.plots import continuous, diagrams, figures, history, samples
from course_utils.plots.continuous import StepFigure

MODULES_THAT_SHOW = (continuous, diagrams, history, samples)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are shown, which are also drawn as in a notebook."""
    seen: list[Any] = []
    pictures: list[Any] = []
    monkeypatch.setattr(figures, "display", pictures.append)

    def show(figure: Any, description: str) -> None:
        figures.show(figure, description)
        assert isinstance(pictures[-1], Image)
        assert pictures[-1].data.startswith(b"\x89PNG")
        assert description
        seen.append(figure)

    for module in MODULES_THAT_SHOW:
        monkeypatch.setattr(module, "show", show)
    return seen


@pytest.fixture(autouse=True)
def _matplotlib_is_as_it_was() -> Iterator[None]:
    settings = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == settings
    assert not Gcf.get_all_fig_managers(), "a figure was left open in pyplot"


def digits(number: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    """Images that are all different, and the labels 0, 1, 2, ..."""
    images = np.random.default_rng(0).integers(0, 256, (number, *shape), dtype=np.uint8)
    return images, np.arange(number)


def batches(images: np.ndarray, labels: np.ndarray, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    starts = range(0, len(labels), size)
    return [(images[start : start + size], labels[start : start + size]) for start in starts]


def drawn_image(figure: Any, number: int = 0) -> np.ndarray:
    """The pixels of the figure's picture of this number."""
    return np.asarray(drawn_images(figure)[number].get_array())


def drawn_images(figure: Any) -> list[Any]:
    """All pictures of a figure."""
    return [image for axes in figure.axes for image in axes.images]


@pytest.mark.parametrize("index", [0, 2, 3, 6])
def test_a_sample_is_the_same_image_batched_and_unbatched(index: int) -> None:
    images, labels = digits(7, 14, 14, 1)
    for dataset in (list(zip(images, labels, strict=True)), batches(images, labels, 3)):
        image, label = plots.get_dataset_sample(dataset, index)
        np.testing.assert_array_equal(image, images[index])
        assert image.shape == (14, 14, 1)
        assert image.dtype == np.uint8
        assert label == index


def test_a_sample_of_a_tensorflow_data_set_comes_as_numpy() -> None:
    tf = pytest.importorskip("tensorflow")
    images, labels = digits(7, 196, 1)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    for form in (dataset, dataset.batch(3)):
        image, label = plots.get_dataset_sample(form, 5)
        assert isinstance(image, np.ndarray)
        assert image.shape == (196, 1)
        assert isinstance(label, np.integer)
        assert label == 5
        np.testing.assert_array_equal(image, images[5])


@pytest.mark.parametrize("index", [-1, 7, 100])
def test_a_sample_outside_of_the_data_set_is_an_error_that_says_so(index: int) -> None:
    with pytest.raises(IndexError, match=f"got index {index}"):
        plots.get_dataset_sample(batches(*digits(7, 14, 14, 1), 3), index)


@pytest.mark.parametrize("shape", [(28, 28, 1), (14, 14, 1), (196, 1), (784, 1), (14, 14)])
@pytest.mark.parametrize("scale", [1, 255])
def test_a_shown_sample_is_a_picture_again(shown: list[Any], shape: tuple[int, ...], scale: int) -> None:
    images, labels = digits(5, *shape)
    scaled = images if scale == 1 else images.astype(np.float32) / scale
    side = int(np.prod(shape) ** 0.5)
    for dataset in (list(zip(scaled, labels, strict=True)), batches(scaled, labels, 2)):
        plots.show_dataset_sample(dataset)
        picture = drawn_image(shown[-1])
        np.testing.assert_allclose(picture, images[0].reshape(side, side) / 255, atol=1e-6)
        assert shown[-1].axes[0].get_title() == "label 0"
        assert str(shape) in shown[-1].axes[0].get_xlabel()


def test_a_shape_that_is_no_picture_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"\(195, 1\)"):
        plots.show_dataset_sample([(np.zeros((195, 1)), 0)])


def test_augmentations_stand_beside_their_originals(shown: list[Any]) -> None:
    images, labels = digits(9, 28, 28, 1)
    calls: list[tuple[int, ...]] = []

    def darker_each_time(batch: Any) -> np.ndarray:
        calls.append(tuple(batch.shape))
        return np.asarray(batch) // (1 + len(calls))

    for dataset in (list(zip(images, labels, strict=True)), batches(images, labels, 3)):
        calls.clear()
        plots.plot_augmentation_images(dataset, darker_each_time)
        rows, columns = samples.NUM_AUGMENTED_IMAGES, 1 + samples.NUM_AUGMENTATIONS
        assert calls == [(rows, 28, 28, 1)] * samples.NUM_AUGMENTATIONS
        assert len(drawn_images(shown[-1])) == rows * columns
        for row in range(rows):
            original, first, second = (drawn_image(shown[-1], row * columns + column) for column in range(3))
            np.testing.assert_allclose(original, images[row, ..., 0] / 255, atol=1e-6)
            np.testing.assert_allclose(first, images[row, ..., 0] // 2 / 255, atol=1e-6)
            np.testing.assert_allclose(second, images[row, ..., 0] // 3 / 255, atol=1e-6)


def test_keras_augmentation_is_shown_in_training_mode(shown: list[Any]) -> None:
    keras = pytest.importorskip("keras")
    images, labels = digits(6, 28, 28, 1)
    plots.plot_augmentation_images(batches(images / np.float32(255), labels, 6), keras.layers.Dropout(0.5))
    assert (drawn_image(shown[-1], 1) == 0).mean() > 0.3, "dropout does nothing outside of training"
    assert (drawn_image(shown[-1], 1) != drawn_image(shown[-1], 2)).any()


CURVES = {
    "loss": [2.0, 1.0, 0.5, 0.4],
    "val_loss": [1.8, 1.1, 0.6, 0.7],
    "accuracy": [0.2, 0.5, 0.8, 0.9],
    "val_accuracy": [0.3, 0.4, 0.7, 0.6],
    "learning_rate": [0.01, 0.01, 0.005, 0.005],
}


@pytest.mark.parametrize("wrap", [dict, lambda curves: SimpleNamespace(history=curves)])
def test_a_history_shows_both_splits_the_best_epoch_and_the_lower_rate(shown: list[Any], wrap: Any) -> None:
    plots.plot_history(wrap(CURVES))
    loss, accuracy = shown[0].axes
    for axes, name in ((loss, "loss"), (accuracy, "accuracy")):
        lines = {line.get_label(): line for line in axes.lines}
        np.testing.assert_array_equal(lines["training"].get_ydata(), CURVES[name])
        np.testing.assert_array_equal(lines["validation"].get_ydata(), CURVES[f"val_{name}"])
        np.testing.assert_array_equal(lines["validation"].get_xdata(), [1, 2, 3, 4])
        assert set(lines["learning rate lowered"].get_xdata()) == {2.5}
        assert any("(epoch 3)" in label for label in lines), "the best validation epoch is the third"


def test_a_history_without_validation_or_accuracy_is_shown_too(shown: list[Any]) -> None:
    plots.plot_history({"loss": [1.0]})
    (axes,) = shown[0].axes
    assert [line.get_label() for line in axes.lines] == ["training"]


def test_a_history_with_nan_is_shown(shown: list[Any]) -> None:
    plots.plot_history({"loss": [1.0, np.nan], "val_loss": [np.nan, np.nan]})
    assert len(shown) == 1


@pytest.mark.parametrize("history", [{}, {"accuracy": [1.0]}, {"loss": []}, None])
def test_a_history_without_a_loss_is_an_error_that_says_so(history: Any) -> None:
    with pytest.raises(ValueError, match='expected a curve "loss"'):
        plots.plot_history(history)


def probabilities(steps: int, classes: int = 10) -> np.ndarray:
    logits = np.random.default_rng(1).normal(size=(steps, classes)).cumsum(axis=0)
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("image_shape", "steps"), [((14, 14, 1), 14), ((196, 1), 196), ((14, 14), 28), ((4, 6, 1), 4)])
def test_without_a_kernel_a_strip_of_steps_is_shown(shown: list[Any], image_shape: tuple[int, ...], steps: int) -> None:
    plots.plot_continuous_classification(np.ones(image_shape), probabilities(steps))
    assert len(shown) == 1
    last_picture, last_bars = shown[0].axes[-len(shown[0].axes) // 2 - 1], shown[0].axes[-1]
    assert str(steps) in last_picture.get_title()
    heights = [bar.get_height() for bar in last_bars.patches]
    np.testing.assert_allclose(heights, probabilities(steps)[-1])


def test_what_was_not_seen_yet_is_grey_and_what_was_is_the_picture() -> None:
    picture = figures.as_picture(digits(1, 14, 14, 1)[0][0])
    seen = continuous._seen(picture, 5, 14)
    np.testing.assert_allclose(seen[:5, :, 0], 1 - picture[:5])
    assert np.ptp(seen[5:]) < 0.1, "what is hidden hardly shows"
    by_pixel = continuous._seen(picture, 17, 196)
    np.testing.assert_allclose(by_pixel.reshape(196, 3)[:17, 0], 1 - picture.ravel()[:17])
    assert np.ptp(by_pixel.reshape(196, 3)[17:]) < 0.1
    np.testing.assert_allclose(continuous._seen(picture, 14, 14)[..., 1], 1 - picture)


@pytest.mark.parametrize(
    ("step", "steps", "bounds"),
    [(1, 14, (-0.5, -0.5, 14, 1)), (3, 14, (-0.5, 1.5, 14, 1)), (17, 196, (1.5, 0.5, 1, 1))],
)
def test_the_frame_is_around_what_was_read_last(step: int, steps: int, bounds: tuple[float, ...]) -> None:
    assert continuous._last_read(np.zeros((14, 14), np.float32), step, steps) == bounds


def test_each_step_is_another_picture_of_the_same_size_and_is_drawn_quickly() -> None:
    chances = probabilities(196)
    figure = StepFigure(figures.as_picture(digits(1, 14, 14, 1)[0][0]), chances)
    first = figure.png(1)
    started = time.perf_counter()
    pictures = [figure.png(step) for step in range(2, 32)]
    milliseconds = (time.perf_counter() - started) / len(pictures) * 1000
    assert len({first, *pictures}) == 31
    assert {PillowImage.open(io.BytesIO(png)).size for png in (first, *pictures)} == {(1300, 481)}
    assert figure.png(1) == first, "going back to a step shows it as it was"
    # 27 ms when nothing else runs; the bound leaves room for a busy machine, not for a redraw of the whole figure.
    assert milliseconds < 300
    np.testing.assert_allclose([bar.get_width() for bar in figure.bars], chances[0])


@pytest.mark.parametrize("shape", [(1, 14, 10), (10,), (0, 10), (13, 10)])
def test_predictions_that_do_not_fit_are_an_error_that_says_what_is_expected(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        plots.plot_continuous_classification(np.zeros((14, 14, 1)), np.full(shape, 0.1))


def test_in_a_kernel_the_slider_moves_the_plot(monkeypatch: pytest.MonkeyPatch, shown: list[Any]) -> None:
    widgets = pytest.importorskip("ipywidgets")
    bundles: list[Any] = []
    monkeypatch.setattr(continuous, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(continuous, "display", lambda bundle, raw: bundles.append(bundle))
    made: list[Any] = []
    for name in ("IntSlider", "Play", "Image", "Label"):
        kind = getattr(widgets, name)
        monkeypatch.setattr(widgets, name, lambda *a, kind=kind, **k: made.append(kind(*a, **k)) or made[-1])

    plots.plot_continuous_classification(digits(1, 14, 14, 1)[0][0], probabilities(14))

    play, slider, label, picture = made
    assert (play.min, play.max, slider.min, slider.max) == (1, 14, 1, 14)
    first, text = picture.value, label.value
    slider.value = 9
    assert picture.value != first
    assert label.value != text
    assert label.value.startswith("After 9 of 14 rows")
    (bundle,) = bundles
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "slider" in bundle["text/plain"], "what is shown where widgets cannot run"
    assert len(shown) == 1, "the strip is shown as well"


def test_the_diagrams_are_drawn(shown: list[Any]) -> None:
    plots.draw_lstm_cell()
    plots.draw_reading_order(digits(1, 14, 14, 1)[0][0])
    texts = {text.get_text() for text in shown[0].axes[0].texts}
    assert {"$f_t$", "$i_t$", "$o_t$", "$\\tilde{c}_t$"} <= texts
    assert [axes.get_title() for axes in shown[1].axes] == [
        "the picture, 14 × 14",
        "by rows: 14 steps of 14 features",
        "by pixels: 196 steps of 1 feature",
    ]

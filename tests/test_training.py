"""Tests of course_utils.training: runs that are kept, resumed and loaded, and files that are read without trust."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from course_utils import training
from course_utils.resume import Resume

STEPS, FEATURES, CLASSES = 5, 3, 4
INPUTS = np.random.default_rng(1).normal(size=(24, STEPS, FEATURES)).astype("float32")
TARGETS = np.arange(24) % CLASSES


def sequential(hidden_size: int) -> keras.Model:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((STEPS, FEATURES)),
        layers.LSTM(hidden_size, return_sequences=True),
        layers.LSTM(hidden_size),
        layers.Dense(CLASSES, activation="softmax"),
    ])


class Subclassed(keras.Model):
    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.first = keras.layers.LSTM(hidden_size, return_sequences=True)
        self.second = keras.layers.LSTM(hidden_size)
        self.output_layer = keras.layers.Dense(CLASSES, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.output_layer(self.second(self.first(inputs)))


def trained(model: keras.Model, **arguments: Any) -> tuple[keras.Model, keras.callbacks.History]:
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, model.fit(INPUTS, TARGETS, batch_size=8, verbose=0, **({"epochs": 2} | arguments))


def never() -> tuple[Any, Any]:
    raise AssertionError("the training ran again")


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a trained model, with its optimizer's state beside them."""
    path = tmp_path_factory.mktemp("weights") / "model.weights.h5"
    trained(sequential(6), epochs=1)[0].save_weights(path)
    return path


# Keeping


@pytest.mark.parametrize("build", [sequential, Subclassed])
def test_a_kept_run_comes_back_without_training(build: Any, tmp_path: Path) -> None:
    model, history = training.kept("px", lambda: trained(build(6)), rebuild=never, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["px.history.json", "px.weights.h5"]
    again, history_again = training.kept(
        "px", never, rebuild=lambda weights: build(training.hidden_size(weights)), folder=tmp_path
    )
    assert again is not model
    np.testing.assert_allclose(again.predict(INPUTS, verbose=0), model.predict(INPUTS, verbose=0), rtol=1e-6)
    assert isinstance(history_again, keras.callbacks.History)
    assert history_again.epoch == history.epoch == [0, 1]
    assert set(history_again.history) == {"accuracy", "loss"}
    assert history_again.history == history.history


def test_runs_of_different_names_are_kept_apart(tmp_path: Path) -> None:
    for name, epochs in (("px", 1), ("row", 2)):
        training.kept(name, lambda epochs=epochs: trained(sequential(2), epochs=epochs), never, tmp_path / "new")
    lengths = [len(training.read_history(tmp_path / "new" / f"{name}.history.json")["epoch"]) for name in ("px", "row")]
    assert lengths == [1, 2]


def test_a_run_without_its_history_is_trained_again(tmp_path: Path) -> None:
    training.kept("px", lambda: trained(sequential(2), epochs=1), never, tmp_path)
    (tmp_path / "px.history.json").unlink()
    _, history = training.kept("px", lambda: trained(sequential(2), epochs=2), never, tmp_path)
    assert history.epoch == [0, 1]


@pytest.mark.parametrize("result", [None, (1, 2, 3), (1, 2)])
def test_a_run_that_returns_something_else_is_told(result: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"expected \(model, history\)"):
        training.kept("px", lambda: result, never, tmp_path)
    assert not list(tmp_path.iterdir())


def test_weights_that_do_not_fit_are_told(tmp_path: Path) -> None:
    training.kept("px", lambda: trained(sequential(6), epochs=1), never, tmp_path)
    with pytest.raises(ValueError, match="do not fit the rebuilt model"):
        training.kept("px", never, lambda weights: sequential(5), tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"epoch": [0]}', '{"epoch": [0], "history": {"loss": [1, 2]}}', '{"epoch": ["0"], "history": {}}']
    + ["[" * 100_000],
)
def test_a_damaged_history_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "px.history.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="train again"):
        training.read_history(path)


# Resuming


def plateau() -> keras.callbacks.Callback:
    """A callback that adds the learning rate to the history."""
    return keras.callbacks.ReduceLROnPlateau("loss")


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if epoch == 3:
            raise KeyboardInterrupt


def test_an_interrupted_training_goes_on_with_its_whole_history(tmp_path: Path) -> None:
    interrupted = sequential(4)
    with pytest.raises(KeyboardInterrupt):
        trained(interrupted, epochs=5, callbacks=[Resume(tmp_path / "px.interrupted"), plateau(), Interrupt()])
    before = {name: list(values) for name, values in interrupted.history.history.items()}
    assert (tmp_path / "px.interrupted").is_dir()

    started_with: list[np.ndarray] = []
    first_weights = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: started_with.append(resumed.get_weights()[0])
    )
    resumed = sequential(4)
    _, history = trained(resumed, epochs=5, callbacks=[Resume(tmp_path / "px.interrupted"), plateau(), first_weights])
    assert history.epoch == [0, 1, 2, 3, 4]
    assert set(history.history) == {"accuracy", "loss", "learning_rate"}
    assert {name: values[:3] for name, values in history.history.items()} == before
    assert {len(values) for values in history.history.values()} == {5}
    np.testing.assert_array_equal(started_with[0], interrupted.get_weights()[0])
    assert not (tmp_path / "px.interrupted").exists()


class InterruptTheEnd(keras.callbacks.Callback):
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        raise KeyboardInterrupt


def test_a_training_interrupted_after_its_last_epoch_only_ends(tmp_path: Path) -> None:
    interrupted = sequential(4)
    with pytest.raises(KeyboardInterrupt):
        trained(interrupted, callbacks=[InterruptTheEnd(), Resume(tmp_path / "px.interrupted")])
    resumed, history = trained(sequential(4), callbacks=[Resume(tmp_path / "px.interrupted")])
    assert history.epoch == [0, 1]
    assert history.history == interrupted.history.history
    np.testing.assert_array_equal(resumed.get_weights()[0], interrupted.get_weights()[0])
    assert not (tmp_path / "px.interrupted").exists()


def test_a_training_that_was_not_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    _, history = trained(sequential(2), callbacks=[Resume(tmp_path / "px.interrupted")])
    assert history.epoch == [0, 1]
    assert {len(values) for values in history.history.values()} == {2}
    assert not list(tmp_path.iterdir())


def test_a_training_that_starts_at_a_later_epoch_of_its_own_will_is_left_to_it(tmp_path: Path) -> None:
    _, history = trained(sequential(2), initial_epoch=1, callbacks=[Resume(tmp_path / "px.interrupted")])
    assert history.epoch == [1]
    assert {len(values) for values in history.history.values()} == {1}


# Reading weights


def test_weights_are_read_as_the_model_has_them(weights_file: Path, tmp_path: Path) -> None:
    model = sequential(6)
    model.load_weights(weights_file)
    model.save(tmp_path / "model.keras")
    for path in (weights_file, tmp_path / "model.keras"):
        weights = training.read_weights(path)
        assert len(weights) == 8
        assert not any("optimizer" in name for name, _ in weights)
        by_content = sorted(array.tobytes() for _, array in weights)
        assert by_content == sorted(array.tobytes() for array in model.get_weights())
        assert training.hidden_size(weights) == 6


def test_layers_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "many.weights.h5"
    with h5py.File(path, "w") as file:
        for number in (10, 2, 1):
            file[f"layers/lstm_{number}/vars/0"] = np.full(2, number, "float32")
    assert [int(array[0]) for _, array in training.read_weights(path)] == [1, 2, 10]


def test_reading_weights_needs_no_tensorflow(weights_file: Path) -> None:
    program = (
        "import sys\nfrom course_utils.training import read_weights\n"
        f"assert len(read_weights({str(weights_file)!r})) == 8\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("weights", [[], [("a", np.zeros((3, 5)))], [("a", np.eye(2, 8)), ("b", np.eye(3, 12))]])
def test_weights_without_one_lstm_size_are_told(weights: training.Weights) -> None:
    with pytest.raises(ValueError, match="expected LSTM layers of one size"):
        training.hidden_size(weights)


def h5_bytes(write: Any) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        write(file)
    return content.getvalue()


def archive_bytes(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name.replace("_", "."), member)
    return content.getvalue()


def nested(file: h5py.File) -> None:
    group = file
    for _ in range(60):
        group = group.create_group("deeper")
    group["0"] = np.zeros(3)


def endless(file: h5py.File) -> None:
    file.create_group("a")["a"] = file["/"]


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "data", (4,))
    file.create_virtual_dataset("0", layout)


BAD_H5 = {
    "empty": lambda file: None,
    "only the optimizer": lambda file: file.create_dataset("optimizer/vars/0", data=np.zeros(3)),
    "bomb": lambda file: file.create_dataset("0", (10**9,), "f8", compression="gzip", fillvalue=0.0),
    "objects": lambda file: file.create_dataset("0", data=[b"text"], dtype=h5py.string_dtype()),
    "pickled objects": lambda file: file.create_dataset("0", data=np.array([np.void(b"cos\nsystem")])),
    "many": lambda file: [file.create_dataset(str(number), data=0.0) for number in range(10_001)],
    "external link": lambda file: file.update({"0": h5py.ExternalLink("/etc/passwd", "/")}),
    "soft link": lambda file: file.update({"0": h5py.SoftLink("/nowhere")}),
    "external data": lambda file: file.create_dataset("0", (4,), "u1", external=[("/etc/passwd", 0, 4)]),
    "virtual": virtual,
    "nested": nested,
    "endless": endless,
}


@pytest.mark.parametrize("kind", BAD_H5)
def test_bad_weights_are_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.weights.h5"
    if kind in ("external link", "soft link"):
        with h5py.File(path, "w") as file:
            file["0"] = h5py.ExternalLink("/etc/passwd", "/") if kind == "external link" else h5py.SoftLink("/nowhere")
    else:
        path.write_bytes(h5_bytes(BAD_H5[kind]))
    with pytest.raises(ValueError, match=r"bad\.weights\.h5: got .*expected"):
        training.read_weights(path)


@pytest.mark.parametrize("length", [0, 1, 100, 2_000, -1])
def test_truncated_weights_are_refused(length: int, weights_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.weights.h5"
    path.write_bytes(weights_file.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"short\.weights\.h5"):
        training.read_weights(path)


def test_bad_archives_are_refused(weights_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.keras"
    bomb = archive_bytes(model_weights_h5=b"\0" * 60_000_000)
    assert len(bomb) < 100_000
    for content in (b"", b"PK", archive_bytes(config_json=b"{}"), bomb, archive_bytes(model_weights_h5=b"not HDF5")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"bad\.keras"):
            training.read_weights(path)


def test_missing_foreign_and_too_large_files_are_told(weights_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="could not be read"):
        training.read_weights(tmp_path / "none.weights.h5")
    with pytest.raises(ValueError, match="could not be read"):
        training.read_weights(tmp_path)
    (tmp_path / "weights.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(ValueError, match=r"expected \.weights\.h5 or \.keras"):
        training.read_weights(tmp_path / "weights.npy")
    with pytest.raises(ValueError, match="got more than 1,000 bytes"):
        training.read_weights(weights_file, size_limit=1_000)
    (tmp_path / "long.history.json").write_text(json.dumps([0] * 500_000))
    with pytest.raises(ValueError, match="got more than"):
        training.read_history(tmp_path / "long.history.json")


def test_a_kept_run_that_was_interrupted_goes_on_and_the_experiment_alone_starts_anew(tmp_path):
    callbacks = []

    def run():
        callbacks.append(training.resumable())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.kept("px", run, rebuild=lambda weights: None, folder=tmp_path)
    assert isinstance(callbacks[0], Resume)
    assert callbacks[0].folder == tmp_path / "px.interrupted"
    assert not isinstance(training.resumable(), Resume)

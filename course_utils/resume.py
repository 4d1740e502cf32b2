"""A Keras callback that lets an interrupted training go on, with the whole of its history."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import keras


class Resume(keras.callbacks.BackupAndRestore):
    """Keras's BackupAndRestore that also restores the epochs before the interruption in the History.

    Args:
        folder: where the state is kept until the training is over; for this run alone.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.earlier: dict[str, list[float]] | None = None

    @property
    def history_file(self) -> Path:
        return self.folder / "history.json"

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        if self.history_file.is_file():
            self.earlier = json.loads(self.history_file.read_text(encoding="utf-8"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self.restore_history(epoch)  # not earlier, since Keras empties its History after our on_train_begin
        if epoch:  # again, since other callbacks may have added values after our on_epoch_end
            self.write_history(self.model.history.history)

    def restore_history(self, epochs: int) -> None:
        """Puts the first `epochs` epochs back, if that is still to be done; a value that was not written is NaN."""
        if self.earlier is not None:
            history = self.model.history
            history.epoch = list(range(epochs))
            history.history = {
                name: [*values, *[math.nan] * epochs][:epochs] for name, values in self.earlier.items()
            }
            self.earlier = None

    def write_history(self, history: dict[str, list[float]]) -> None:
        """Replaces the file by this history."""
        values = {name: [float(value) for value in curve] for name, curve in history.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.history_file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(values), encoding="utf-8")
        unfinished.replace(self.history_file)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        history = {name: list(values) for name, values in self.model.history.history.items()}
        for name, value in (logs or {}).items():
            history[name] = [*history.get(name, [])[:epoch], float(value)]
        self.write_history(history)
        super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.earlier is not None:  # no epoch was left to train
            self.restore_history(max(map(len, self.earlier.values()), default=0))
        super().on_train_end(logs)
        shutil.rmtree(self.folder, ignore_errors=True)

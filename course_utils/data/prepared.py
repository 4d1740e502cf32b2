"""Data sets from TFDS: prepared already, or to be downloaded."""

from __future__ import annotations

import functools
import os
import threading
import urllib.request
from pathlib import Path

from course_utils.data.images import DataSet, Split

PATIENCE = 3.0  # seconds to wait for the network


def data_dir() -> Path:
    """Where TFDS keeps what it has prepared: TFDS_DATA_DIR, or its own default."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def is_prepared(data_set: DataSet) -> bool:
    """Whether TFDS could read the data set without a network."""
    return any((data_dir() / data_set.name).glob("**/dataset_info.json"))


def read(data_set: DataSet) -> tuple[Split, Split]:
    """The training and the test split in TFDS's order; downloads and prepares them where needed."""
    import tensorflow_datasets as tfds

    train, test = tfds.as_numpy(
        tfds.load(data_set.name, split=["train", "test"], batch_size=-1, data_dir=str(data_dir()))
    )
    return (
        data_set.split(train["image"], train["label"], f"TFDS's {data_set.name}, training split"),
        data_set.split(test["image"], test["label"], f"TFDS's {data_set.name}, test split"),
    )


@functools.cache
def can_be_reached(address: str) -> bool:
    """Whether an address answers within a few seconds; asked once in a process.

    In a thread of its own, since looking up a name can take much longer than a connection's time limit.
    """
    answered = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PATIENCE).close()
        except (OSError, ValueError):
            return
        answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE + 1)
    return answered.is_set()

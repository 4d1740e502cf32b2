"""The known data sets: a module for each, with its `DATA_SET` and `embedded()`, which needs no network.

To add one, add a module that is named like the data set in TFDS and has these two.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

from course_utils.data.images import DataSet, Split


class DataSetModule(Protocol):
    """What a module of this package holds."""

    DATA_SET: DataSet

    def embedded(self) -> tuple[Split, Split]:
        """The training and the test split, made from what is installed; the same on every machine."""


def names() -> tuple[str, ...]:
    """The names of all known data sets."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find(name: str) -> DataSetModule:
    """The module of a data set.

    Raises:
        ValueError: if no data set has this name.
    """
    if name not in names():
        raise ValueError(f"got the data set name {name!r}, expected one of: {', '.join(names())}")
    return cast(DataSetModule, importlib.import_module(f"{__name__}.{name}"))

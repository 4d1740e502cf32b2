"""course_utils: what the notebooks of this deep-learning course import.

`import course_utils as utils` gives the plots by name, and the parts as `utils.data`, `utils.checks`,
`utils.training` and `utils.evaluation`. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PARTS = ("checks", "data", "episodes", "evaluation", "notebook", "plots", "training")
_NAMES = {
    "get_dataset_sample": "plots",
    "plot_accuracy_curves": "plots",
    "plot_augmentation_images": "plots",
    "plot_continuous_classification": "plots",
    "plot_episode": "plots",
    "plot_episode_steps": "plots",
    "plot_history": "plots",
    "plot_memory": "plots",
    "show_dataset_sample": "plots",
    "until_solved": "notebook",
}

__all__ = [*_PARTS, *_NAMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return importlib.import_module(f"course_utils.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"course_utils.{_NAMES[name]}"), name)
    raise AttributeError(f"course_utils has no {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

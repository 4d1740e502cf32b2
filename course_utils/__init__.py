"""course_utils: what the notebooks of this deep-learning course import.

`import course_utils as utils` gives the plots by name, and the parts as `utils.data`, `utils.checks`,
`utils.training` and `utils.evaluation`. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PARTS = ("checks", "data", "episodes", "evaluation", "notebook", "one_shot", "plots", "training")
_NAMES = {
    "draw_siamese_network": "plots",
    "get_dataset_sample": "plots",
    "plot_accuracy_curves": "plots",
    "plot_accuracy_table": "plots",
    "plot_augmentation_images": "plots",
    "plot_best_of": "plots",
    "plot_class_batch": "plots",
    "plot_confused_characters": "plots",
    "plot_continuous_classification": "plots",
    "plot_distance_histograms": "plots",
    "plot_embedded_episode": "plots",
    "plot_embedding": "plots",
    "plot_episode": "plots",
    "plot_episode_steps": "plots",
    "plot_hardest_pairs": "plots",
    "plot_history": "plots",
    "plot_memory": "plots",
    "plot_neighbours": "plots",
    "plot_oneshot_distances": "plots",
    "plot_oneshot_errors": "plots",
    "plot_oneshot_tasks": "plots",
    "plot_pairs": "plots",
    "plot_support_and_query": "plots",
    "plot_triplets": "plots",
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

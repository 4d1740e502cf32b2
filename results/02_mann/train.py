"""Trains the networks of 02_mann on real Omniglot with the notebook's own solution, and measures them.

    python results/02_mann/train.py curves      # K = 1, N = 2, 3, 4 and K = 5, N = 4, three seeds each
    python results/02_mann/train.py depth       # 1, 2 and 3 LSTM layers, three seeds each
    python results/02_mann/train.py better_mann
    python results/02_mann/train.py memory_mann
    python results/02_mann/train.py long        # K = 1, N = 2 for 25,000 steps of 16 episodes, to see how long it takes

Each single training is kept in its own file in .cache/results/02_mann, so that the command goes on where it was
stopped. Its figure is put into results/02_mann.json, and, when all of a group are there, weights and curves beside this
file as the notebook's folder `trained` wants them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["COURSE_DATA_SOURCE"] = "tfds"

import keras
import numpy as np
import tensorflow as tf

import course_utils as utils
from course_utils import training
from course_utils.results import Result, record
from course_utils.solution_cells import solution_of

HERE = Path(__file__).resolve().parent
RUNS = HERE.parents[1] / ".cache" / "results" / "02_mann"
NOTEBOOK = HERE.parents[1] / "source" / "02_mann" / "mann.ipynb"
EPISODES = 10_000  # for the figures
GIVEN = ("evaluate", "augmented", "curves-helper")  # cells of the notebook that solutions lean on
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Run:
    """One training: `network` is the solution's class and `arguments` what it takes besides N and K+1."""

    name: str
    network: str
    way: int
    shot: int
    batch: int
    steps: int
    seed: int
    arguments: tuple[int, ...] = ()
    points: int = 10  # of the curve

    @property
    def file(self) -> Path:
        """Where the training is kept: its weights, and beside them its curve."""
        return RUNS / f"{self.name.replace(' ', '').replace(',', '_').replace('=', '')}_seed{self.seed}.weights.h5"


@dataclass(frozen=True)
class Group:
    """Trainings that belong together, and the one whose weights the notebook shows."""

    runs: tuple[Run, ...]
    shown: Run = field(kw_only=True)


def curves() -> Group:
    """Section 7 of the notebook."""
    runs = tuple(
        Run(f"K = {shot}, N = {way}", "MANN", way, shot, 64, 6_000, seed)
        for shot, way in ((1, 2), (1, 3), (1, 4), (5, 4))
        for seed in SEEDS
    )
    return Group(runs, shown=runs[3])


def depth() -> Group:
    """Section 8."""
    runs = tuple(
        Run(f"{layers} LSTM layer{'s' * (layers > 1)}", "StackedMANN", 3, 1, 32, 3_000, seed, (layers,))
        for seed in SEEDS
        for layers in (1, 2, 3)
    )
    return Group(runs, shown=runs[0])


def single(name: str, network: str, way: int, batch: int, steps: int) -> Callable[[], Group]:
    """A group of one 1-shot training."""

    def group() -> Group:
        run = Run(name, network, way, 1, batch, steps, 0)
        return Group((run,), shown=run)

    return group


GROUPS: dict[str, Callable[[], Group]] = {
    "curves": curves,
    "depth": depth,
    "better_mann": single("5-way 1-shot", "BetterMANN", 5, 16, 1_500),
    "memory_mann": single("external memory, K = 1, N = 3", "MemoryMANN", 3, 16, 4_000),
    "long": single("K = 1, N = 2, 25,000 steps", "MANN", 2, 16, 25_000),
}


def solution() -> SimpleNamespace:
    """What the notebook's solution cells, and the cells that are given there, define."""
    lean_on = {name: getattr(utils.episodes, name) for name in ("as_floats", "check_size", "distinct_numbers")}
    return solution_of(NOTEBOOK, GIVEN, {"keras": keras, "np": np, "tf": tf, "utils": utils, **lean_on})


def train(run: Run, notebook: SimpleNamespace) -> None:
    """Trains one network, and keeps weights, curve and time."""

    def build(num_classes: int, samples_per_class: int) -> keras.Model:
        return getattr(notebook, run.network)(num_classes, samples_per_class, *run.arguments)

    started = time.monotonic()
    model, curve = notebook.run_experiment(
        run.way, run.shot, run.batch, run.steps, run.seed, eval_every=run.steps // run.points, build=build
    )
    minutes = (time.monotonic() - started) / 60
    generator = notebook.DataGenerator(run.way, run.shot + 1, {"seed": 1_000 + run.seed})
    accuracy = notebook.evaluate(model, generator, episodes=EPISODES)
    print(f"{run.name}, seed {run.seed}: {accuracy}, {minutes:.1f} minutes", flush=True)
    RUNS.mkdir(parents=True, exist_ok=True)
    model.save_weights(run.file)
    about = {
        "steps": [step for step, _ in curve],
        "accuracies": [point.mean for _, point in curve],
        "final": {name: getattr(accuracy, name) for name in ("mean", "low", "high", "n", "protocol", "split")},
        "minutes": round(minutes, 2),
        "machine": f"{os.cpu_count()} cores shared with other work, no GPU, {platform.machine()}",
    }
    curve_file(run).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def curve_file(run: Run) -> Path:
    """Where a training's curve is kept; written last, it says that the training is complete."""
    return run.file.with_name(run.file.name.replace(".weights.h5", ".json"))


def put_together(name: str, group: Group) -> None:
    """The figures of what is trained; and, when all is, weights and history as `training.kept` reads them."""
    done = [run for run in group.runs if curve_file(run).is_file()]
    kept = {run: json.loads(curve_file(run).read_text(encoding="utf-8")) for run in done}
    if name != "long" and len(done) == len(group.runs):
        weights_file, history_file = training.files(name, HERE)
        weights_file.write_bytes(group.shown.file.read_bytes())
        labels = {run: f"{run.name}, seed {run.seed}" if len(group.runs) > 1 else run.name for run in group.runs}
        history = {
            "epoch": kept[group.shown]["steps"],
            "history": {labels[run]: about["accuracies"] for run, about in kept.items()},
            "input_shape": None,
        }
        history_file.write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")
    record(HERE.with_suffix(".json"), [row(name, run, about) for run, about in kept.items()])


def row(group: str, run: Run, about: dict[str, Any]) -> Result:
    """The figure of one training."""
    final = about["final"]
    return Result(
        assignment="02_mann",
        name=f"{run.network}, {run.name}, seed {run.seed}",
        value=round(final["mean"], 6),
        low=round(final["low"], 6),
        high=round(final["high"], 6),
        n=final["n"],
        split="test characters of the 1,100/100/423 split",
        protocol=f"{final['protocol']}; weights after {run.steps:,} steps of {run.batch} episodes",
        seed=run.seed,
        command=f"python results/02_mann/train.py {group}",
        minutes=about["minutes"],
        machine=about["machine"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS, help="train these only")
    options = parser.parse_args()
    group, notebook = GROUPS[options.group](), solution()
    for run in group.runs:
        if run.seed in options.seeds and not curve_file(run).is_file():
            train(run, notebook)
            put_together(options.group, group)
    put_together(options.group, group)


if __name__ == "__main__":
    main()

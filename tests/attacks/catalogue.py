"""Every attack, by theme, and the table of them in docs/attacks.md: `python -m tests.attacks.catalogue` writes it."""

from __future__ import annotations

from pathlib import Path

from . import forging, looking, messages, notebooks, resources, showing, values, weights
from .attack import Attack

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
THEMES = {
    "Secrets and other people's files": looking.ATTACKS,
    "Forged results": forging.ATTACKS,
    "Returned values": values.ATTACKS,
    "Machine, time and others": resources.ATTACKS,
    "Messages": messages.ATTACKS,
    "Notebooks and files": notebooks.ATTACKS,
    "What is shown": showing.ATTACKS,
    "Trained weights": weights.ATTACKS,
}
ATTACKS: tuple[Attack, ...] = tuple(attack for theme in THEMES.values() for attack in theme)


def page() -> str:
    """docs/attacks.md."""
    lines = [
        "# Attacks",
        "",
        f"{len(ATTACKS)} attacks on the whole engine, carried out by `tests/attacks/` in the real sandbox while an",
        "honest submission is graded beside them. None gains a point, sees a secret or costs another student one. What",
        "stock nbgrader 0.9 does is told from its own code, or it says *not tried*. This page is made from the attacks",
        "themselves by `python -m tests.attacks.catalogue`, and a test compares them.",
        "",
    ]
    for theme, attacks in THEMES.items():
        lines += [f"## {theme}", "", "| Attack | Stock nbgrader | Here |", "| --- | --- | --- |"]
        lines += [_row(f"**{a.name}**: {a.tries}", a.stock, a.here) for a in attacks]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(*columns: str) -> str:
    return "| " + " | ".join(column.replace("|", "\\|").replace("<", "&lt;") for column in columns) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

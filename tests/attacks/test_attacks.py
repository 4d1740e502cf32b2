"""No attack gains a point, sees a secret or costs another student one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import psutil
import pytest

from course_utils.grading.outcome import CellRecord, Outcome
from course_utils.grading.reporting import write_report
from course_utils.grading.submission import find_submissions

from .attack import Attack
from .carrying_out import assert_nothing_was_won, carry_out, feedback, grade, honest, settings
from .catalogue import ATTACKS, PAGE, page
from .conftest import Ground
from .target import NAME, POINTS, assignment

# Code in a page: a script, a handler of an event, an address that is code, or a page in the page.
CODE_IN_PAGE = re.compile(
    r"<script>alert|<[^<>]*\son\w+\s*=|<[^<>]*=\s*[\"']?\s*javascript:|<iframe|<script[^>]*>\s*alert", re.IGNORECASE
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_is_won_by(attack: Attack, ground: Ground) -> None:
    before = ground.places.digest()
    aftermath = carry_out(attack, ground.places, ground.assignment)
    assert_nothing_was_won(attack, aftermath, ground.places)
    ground.places.assert_unharmed(before)
    assert no_process_is_left(ground)
    assert not CODE_IN_PAGE.search(feedback(aftermath.outcome))


def no_process_is_left(ground: Ground) -> bool:
    """Whether every process of a kernel is gone within some seconds."""
    end = time.monotonic() + 5
    while psutil.Process(ground.starter.pid).children(recursive=True):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_honest_work_earns_everything_after_all_attacks(ground: Ground) -> None:
    outcome = grade(honest(), ground.assignment, settings())
    assert (outcome.score, outcome.state) == (sum(POINTS.values()), "graded")


def test_there_are_at_least_thirty_attacks_with_names_of_their_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 30


def test_the_page_of_attacks_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.attacks.catalogue"


def test_links_in_a_submitted_folder_lead_nowhere(tmp_path: Path) -> None:
    secret, folder = tmp_path / "gradebook.db", tmp_path / "submissions" / "mallory"
    secret.write_text("canary")
    folder.mkdir(parents=True)
    (folder / "target.ipynb").write_text("{}")
    (folder / "notes.txt").symlink_to(secret)
    (folder / "everything").symlink_to(tmp_path, target_is_directory=True)
    (folder.parent / "trudy").symlink_to(tmp_path, target_is_directory=True)
    (folder.parent / "eve.ipynb").symlink_to(secret)
    found = find_submissions(folder.parent, NAME)
    assert {s.student: dict(s.files) for s in found if s.files} == {"mallory": {"target.ipynb": b"{}"}}


def test_names_and_reasons_are_text_in_the_report_on_a_class(tmp_path: Path) -> None:
    script = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    cells = tuple(CellRecord(name, points, 0.0) for name, points in POINTS.items())
    outcome = Outcome(script, NAME, "repaired", script, cells, (script, script), "", True, 1.0, log=(script,))
    write_report(tmp_path / "report.html", assignment("", ""), [outcome])
    text = (tmp_path / "report.html").read_text()
    assert "&lt;script&gt;" in text
    assert not CODE_IN_PAGE.search(text)

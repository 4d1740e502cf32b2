"""Which file of a submission is the notebook to grade, and what its other files are."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from course_utils.grading.doctor.archive import CHECKPOINTS, is_ignored
from course_utils.grading.doctor.cells import Draft
from course_utils.grading.doctor.conflicts import sides
from course_utils.grading.doctor.decoding import decode
from course_utils.grading.doctor.diagnosis import Log
from course_utils.grading.doctor.matching import is_filled
from course_utils.grading.doctor.reading import NotANotebookError, read_notebook
from course_utils.grading.doctor.release import Release, plain_name
from course_utils.grading.doctor.scripts import read_script

MAX_COMPANIONS = 200_000_000
MAX_READ = 150_000_000  # bytes of all notebooks that are read to find the right one
MAX_SCRIPT = 1_000_000

_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$", re.IGNORECASE)
_SCRIPT = re.compile(r"\.py(?:\.txt)?$", re.IGNORECASE)
_MAYBE_NOTEBOOK = re.compile(r"(?:\.(?:json|txt)|(?:^|/)[^./]+)$", re.IGNORECASE)
_NOT_NOTEBOOKS = (
    (
        b"version https://git-lfs.github.com/",
        "is a Git LFS pointer, not the notebook itself: run `git lfs pull`, then hand in the file",
    ),
    (b"%PDF", "is a PDF: hand in the notebook itself (.ipynb)"),
    (b"Rar!", "is a RAR archive: hand in the notebook itself (.ipynb) or a zip"),
    (b"7z\xbc\xaf", "is a 7z archive: hand in the notebook itself (.ipynb) or a zip"),
    (b"\x1f\x8b", "is a gzip or tar.gz archive: hand in the notebook itself (.ipynb) or a zip"),
    (b"PK\x03\x04", "is an archive or an office document: hand in the notebook itself (.ipynb)"),
)
_HTML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|head|!--)", re.IGNORECASE)
_SHORTCUT = re.compile(rb'\A\s*\{[^{}]{0,2000}"(?:doc_id|url|resource_id|resource_key)"[^{}]{0,2000}\}\s*\Z')


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook, read.

    Args:
        filled: how many tasks have an answer in it.
        recognised: how many cells of the release it has.
        last_run: the highest execution count in it.
    """

    path: str
    draft: Draft
    log: Log
    filled: int
    recognised: int
    last_run: int


def choose(files: dict[str, bytes], release: Release, notebook_name: str, log: Log) -> Candidate | str:
    """The notebook to grade, or in words why there is none.

    Of several the one with most answers is taken; if they have the same number, the one with most of the
    release's cells, then the one with the right name, then the last one to be run.
    """
    visible = [path for path in files if not is_ignored(path)]
    backups = [path for path in files if CHECKPOINTS in PurePosixPath(path).parts and _NOTEBOOK.search(path)]
    reasons: dict[str, str] = {}
    groups = [
        [path for path in visible if _NOTEBOOK.search(path) or _looks_like_notebook(path, files[path])],
        [path for path in visible if _SCRIPT.search(path)],
        backups,
    ]
    for group in groups:
        found = _candidates(group, files, release, notebook_name, reasons)
        if group is groups[1]:
            found = [candidate for candidate in found if candidate.filled or candidate.recognised]
        if found:
            best = max(found, key=lambda candidate: _rank(candidate, notebook_name))
            _note_choice(best, found, notebook_name, log)
            for path, reason in reasons.items():
                log.add("unreadable_file", f"{path} {reason}.")
            log.extend(best.log)
            return best
    return _why_none(visible, files, reasons, log)


def companions(files: dict[str, bytes], chosen: Candidate, log: Log) -> dict[str, bytes]:
    """The other files that go along, by their path relative to the notebook's folder; other notebooks stay behind."""
    folder = PurePosixPath(chosen.path).parent
    taken: dict[str, bytes] = {}
    total = 0
    for path in sorted(files, key=lambda path: (len(files[path]), path)):
        if path == chosen.path or is_ignored(path) or path.endswith(".pyc") or _NOTEBOOK.search(path):
            continue
        inside = PurePosixPath(path).is_relative_to(folder)
        relative = PurePosixPath(path).relative_to(folder) if inside else PurePosixPath(path)
        blocked = relative.as_posix() in taken or any(parent.as_posix() in taken for parent in relative.parents)
        total += len(files[path])
        if total > MAX_COMPANIONS:
            log.add(
                "too_large",
                f"{path} was left out: all files together have more than {MAX_COMPANIONS / 1e6:.0f} MB.",
            )
        elif blocked:
            log.add("name_clash", f"{path} was left out: another file has the same name.")
        else:
            taken[relative.as_posix()] = files[path]
    names = {PurePosixPath(path) for path in taken}
    folders = {parent for name in names for parent in name.parents}
    return {path: data for path, data in taken.items() if PurePosixPath(path) not in folders}


def _looks_like_notebook(path: str, data: bytes) -> bool:
    return bool(_MAYBE_NOTEBOOK.search(path)) and data[:200].lstrip().startswith(b"{") and b'"cell_type"' in data


def _candidates(
    paths: list[str], files: dict[str, bytes], release: Release, notebook_name: str, reasons: dict[str, str]
) -> list[Candidate]:
    """Every file of `paths` that can be read, the likeliest names first; the others get a reason."""
    found: list[Candidate] = []
    read = 0
    for path in sorted(paths, key=lambda path: (-_likeness(path, notebook_name), path.count("/"), path)):
        data = files[path]
        read += len(data)
        reason = _not_a_notebook(data)
        if read > MAX_READ and found:
            reason = "was not looked at, because there are too many or too large notebooks"
        if reason:
            reasons[path] = reason
            continue
        try:
            found.append(_read(path, data, release))
        except NotANotebookError as error:
            reasons[path] = f"could not be read. {str(error).rstrip('.')}"
    return found


def _read(path: str, data: bytes, release: Release) -> Candidate:
    log = Log()
    text = decode(data, log)
    both = sides(text)
    if both is None:
        return _candidate(path, text, log, release)
    found: list[Candidate] = []
    for side in both:
        try:
            found.append(_candidate(path, side, Log(), release))
        except NotANotebookError:
            continue
    if not found:
        return _candidate(path, text, log, release)
    best = max(found, key=lambda candidate: (candidate.filled, candidate.recognised, len(candidate.draft.cells)))
    best.log.extend(log)
    best.log.add("conflict_markers", "The file held git's conflict markers; the side with more answers was taken.")
    return best


def _candidate(path: str, text: str, log: Log, release: Release) -> Candidate:
    if _SCRIPT.search(path):
        if len(text) > MAX_SCRIPT:
            raise NotANotebookError(f"It is longer than {MAX_SCRIPT} characters")
        draft = read_script(text, log)
        log.add("script", f"{path} is a Python script in place of a notebook; its parts were made cells again.")
    else:
        draft = read_notebook(text, log)
    claimed = {cell.grade_id for cell in draft.cells}
    names = {name for cell in draft.cells for name in cell.code.names}
    solutions = [slot for slot in release.slots if slot.kind == "solution"]
    return Candidate(
        path,
        draft,
        log,
        filled=sum(
            any(is_filled(cell, slot) for cell in _holders(draft, slot.grade_id, slot.name)) for slot in solutions
        ),
        recognised=sum(grade_id in claimed for grade_id in release.by_grade_id)
        + sum(slot.name in names for slot in solutions),
        last_run=max((cell.execution_count for cell in draft.cells), default=0),
    )


def _holders(draft: Draft, grade_id: str, name: str | None) -> list:  # type: ignore[type-arg]
    return [cell for cell in draft.cells if cell.grade_id == grade_id or name in cell.code.names]


def _likeness(path: str, notebook_name: str) -> int:
    name = PurePosixPath(path).name
    return 2 if name == f"{notebook_name}.ipynb" else int(plain_name(name) == plain_name(notebook_name))


def _rank(candidate: Candidate, notebook_name: str) -> tuple[int, ...]:
    likeness = _likeness(candidate.path, notebook_name)
    return candidate.filled, candidate.recognised, likeness, candidate.last_run, -candidate.path.count("/")


def _note_choice(best: Candidate, found: list[Candidate], notebook_name: str, log: Log) -> None:
    path = PurePosixPath(best.path)
    if len(found) > 1:
        others = ", ".join(candidate.path for candidate in found if candidate is not best)[:500]
        log.add(
            "several_notebooks",
            f"Several notebooks were handed in; {path} has most answers and is graded, not {others}.",
        )
    if CHECKPOINTS in path.parts:
        log.add("checkpoint", f"The only notebook was Jupyter's backup copy {path}; it is graded.")
    elif path.name != f"{notebook_name}.ipynb":
        log.add("renamed", f"The notebook was called {path.name!r}; it is graded as {notebook_name + '.ipynb'!r}.")
    if path.parent.parts and CHECKPOINTS not in path.parts:
        log.add(
            "in_folder",
            f"The notebook was in the folder {path.parent.as_posix()!r}; its files count from there.",
        )
    if not best.recognised and not best.filled:
        log.add("unrecognised", "Nothing in the notebook belongs to this assignment; it may be another one's.")


def _not_a_notebook(data: bytes) -> str:
    """Why the file can't be a notebook, by its first bytes; empty if it may be one."""
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return "is empty"
    if _HTML.search(data[:500]):
        return "is a web page (an HTML export or a login page saved by mistake): hand in the notebook itself (.ipynb)"
    if len(data) < 4_000 and b'"cell' not in data and _SHORTCUT.search(data):
        return "is a shortcut to a file in an online drive: download the notebook itself (.ipynb) and hand that in"
    return next((reason for start, reason in _NOT_NOTEBOOKS if data.startswith(start)), "")


def _why_none(visible: list[str], files: dict[str, bytes], reasons: dict[str, str], log: Log) -> str:
    problems = [repair.message for repair in log if repair.kind != "archive"]
    if not visible and problems:
        return problems[0]
    if not visible:
        return "No file was handed in."
    for path in visible:
        reason = reasons.get(path) or _not_a_notebook(files[path])
        if reason:
            return f"{path} {reason}."
    return f"There is no notebook (.ipynb) among the files handed in: {', '.join(visible)[:500]}."

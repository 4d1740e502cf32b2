"""The zip for Moodle's "Upload multiple feedback files in a zip", from the pages in feedback/.

Moodle takes a file by its folder, <name>_<participant's number>_assignfeedback_file_ (the underscore at the end is
needed until 4.0; mod/assign/feedback/file/importziplib.php).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from course_utils.grading.collecting.moodle_download import clean_filename
from course_utils.grading.collecting.students import Student

_LONG_AGO = (2000, 1, 1, 0, 0, 0)  # the same zip for the same pages


def write_feedback_zip(path: Path, course: Path, assignment: str, students: Iterable[Student]) -> list[str]:
    """Write the zip; returns the students who have no page, or no number of Moodle's. Without any page, no zip."""
    pages: list[tuple[str, Path]] = []
    without = []
    for student in students:
        found = sorted((course / "feedback" / student.id / assignment).glob("*.html"))
        identifier = student.identifiers.get(assignment)
        if not found or not identifier:
            without.append(student.id)
            continue
        name = " ".join(clean_filename(student.name.replace("_", " ")).split()) or "Participant"
        folder = f"{name}_{identifier}_assignfeedback_file_"
        names = ["feedback.html"] if len(found) == 1 else [page.name for page in found]
        pages += [(f"{folder}/{name}", page) for name, page in zip(names, found, strict=True)]
    if pages:
        temporary = path.with_name(f".{path.name}")
        with zipfile.ZipFile(temporary, "w") as archive:
            for name, page in sorted(pages):
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, page.read_bytes())
        temporary.replace(path)
    return without

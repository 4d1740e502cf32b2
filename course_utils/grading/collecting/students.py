"""Who is who: the course's ids of students, and what Moodle, Canvas or a folder call them.

    .course/students.json    beside submitted/; collecting writes it, returning marks reads it

A student keeps an id over all assignments, with a worksheet or without one.
"""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.grading.assignment import CourseError
from course_utils.grading.journal import write_atomically
from course_utils.grading.submission import student_id


@dataclass(frozen=True)
class Person:
    """A student as a download or a worksheet knows one; `identifier` is a number that Moodle or Canvas gave."""

    name: str = ""
    identifier: str = ""
    email: str = ""
    id_number: str = ""


@dataclass
class Student:
    """A student of the course. `identifiers` by assignment: Moodle gives another number in each."""

    id: str
    name: str = ""
    email: str = ""
    id_number: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)

    def learn(self, person: Person, assignment: str) -> None:
        """Take over what is known of the person now."""
        self.name = person.name or self.name
        self.email = person.email or self.email
        self.id_number = person.id_number or self.id_number
        if person.identifier:
            self.identifiers[assignment] = person.identifier


class Students:
    """The students of a course, as they are kept in its folder."""

    def __init__(self, course: Path) -> None:
        self._path = course / ".course" / "students.json"
        self._before = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        try:
            self._students = {values["id"]: Student(**values) for values in json.loads(self._before or "[]")}
        except (ValueError, TypeError, KeyError) as error:
            raise CourseError(
                f"{self._path} cannot be read ({error}); mend it, or remove it and collect again with the worksheets"
            ) from error
        self._taken = {_folded(student.id) for student in self}

    def __iter__(self) -> Iterator[Student]:
        return iter(self._students.values())

    def get(self, student: str) -> Student:
        """The student with this id; with nothing known but the id, where it was never collected."""
        return self._students.get(student) or Student(student)

    def save(self) -> bool:
        """Write what has changed; nothing, where nothing has. Returns whether anything had."""
        ordered = sorted(self, key=lambda student: student.id)
        text = json.dumps([dataclasses.asdict(student) for student in ordered], indent=1, ensure_ascii=False) + "\n"
        if text == self._before:
            return False
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, text)
        self._before = text
        return True

    def add(self, person: Person, assignment: str, known: Iterable[str] = ()) -> Student:
        """The student that a person is, a new one where nobody of the course is meant.

        Known by the number in this assignment, else by ID number, e-mail address or name where one student alone
        has it. `known` are ids that are in use without being listed here, for instance as folders of submitted/.
        """
        student = self._find(person, assignment) or self._new(person, set(known))
        student.learn(person, assignment)
        return student

    def _find(self, person: Person, assignment: str) -> Student | None:
        if person.identifier:
            for student in self:
                if student.identifiers.get(assignment) == person.identifier:
                    return student
        # Somebody with another number in this assignment is somebody else, whatever the name.
        free = [student for student in self if not (person.identifier and student.identifiers.get(assignment))]
        for said, kept in (("id_number", "id_number"), ("email", "email"), ("name", "name"), ("name", "id")):
            value = getattr(person, said)
            found = [student for student in free if value and same_name(getattr(student, kept), value)]
            if len(found) == 1 and _agree(found[0], person):
                return found[0]
        return None

    def _new(self, person: Person, known: set[str]) -> Student:
        """A student with the id that is in use already, or else ID number, e-mail address, name or number."""
        wanted = [student_id(text) for text in (person.id_number, person.email, person.name) if text]
        wanted.append(student_id(f"{person.name} ({person.identifier})" if person.name else person.identifier))
        free = [name for name in wanted if _folded(name) not in self._taken]
        chosen = next((name for name in free if name in known), free[0] if free else self._numbered(wanted[-1]))
        self._taken.add(_folded(chosen))
        self._students[chosen] = Student(chosen)
        return self._students[chosen]

    def _numbered(self, name: str) -> str:
        number = 2
        while _folded(student_id(f"{name} ({number})")) in self._taken:
            number += 1
        return student_id(f"{name} ({number})")


def enter_names(course: Path, students: Iterable[Student]) -> None:
    """Enter names and e-mail addresses into nbgrader's gradebook, for the formgrader and `nbgrader export`.

    The last word counts as the last name: Moodle gives one name only.
    """
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

    from course_utils.grading.gradebook import nbgrader_config

    directory = CourseDirectory(config=nbgrader_config(course))
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        for student in students:
            first, _, last = student.name.rpartition(" ")
            known = {"first_name": first or last, "last_name": last if first else "", "email": student.email}
            gradebook.update_or_create_student(student.id, **{key: value for key, value in known.items() if value})


def _agree(student: Student, person: Person) -> bool:
    """Whether nothing says that they are two: two of one name have another e-mail address or ID number."""
    return all(
        not getattr(student, attribute)
        or not getattr(person, attribute)
        or _folded(getattr(student, attribute)) == _folded(getattr(person, attribute))
        for attribute in ("id_number", "email")
    )


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def same_name(first: str, second: str) -> bool:
    """Whether two names are one, however their letters are composed.

    Moodle puts spaces for underscores into folders' names, and leaves quotes and other signs out.

    >>> same_name("Zoë_O'Hara", "zoë  OHara")
    True
    """
    return _bare(first) == _bare(second)


def _bare(name: str) -> str:
    """Letters with their marks, digits, and one space between words."""
    kept = (c if unicodedata.category(c)[0] in "LMN" or c == "@" else " " * (c in "_ ") for c in _folded(name))
    return " ".join("".join(kept).split())

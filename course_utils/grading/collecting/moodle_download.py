"""Writes what an instructor downloads from Moodle: the zip of submissions and the grading worksheet.

For the demo and for tests. The forms are those of mod/assign/classes/downloader.php and mod/assign/gradingtable.php
(Moodle 2.4 to 5.0), the words those of Moodle's language packs.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS, OLD_FOLDERS, FLAT = "folders", "folders until 4.0", "no folders"


@dataclass(frozen=True)
class Participant:
    """A participant of the course, with what was handed in: no files and no `submitted` where nothing was.

    `submitted` is in the time zone of the one who downloads; `grade` is as the worksheet shows it ("14.50").
    """

    identifier: int
    name: str
    email: str = ""
    id_number: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    submitted: datetime.datetime | None = None
    online_text: str = ""
    grade: str = ""
    graded: datetime.datetime | None = None
    comment: str = ""
    locked: bool = False


@dataclass(frozen=True)
class Language:
    """The words of a worksheet: `participant` comes before the number, `day` is how a date is written."""

    participant: str
    headings: tuple[str, ...]
    submitted: str
    nothing: str
    yes: str
    no: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    decimal_comma: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = Language(
    "Participant ",
    ("Identifier", "Full name", "Email address", "ID number", "Status", "Grade", "Maximum grade",
     "Grade can be changed", "Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments"),
    "Submitted for grading", "No submission", "Yes", "No",
    _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    _words("January February March April May June July August September October November December"),
    "{weekday}, {day} {month} {year}, {hour12}:{minute} {noon}",
)  # fmt: skip
GERMAN = Language(
    "Teilnehmer/in",
    ("ID", "Vollständiger Name", "E-Mail-Adresse", "ID-Nummer", "Status", "Bewertung", "Bestwertung",
     "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Texteingabe online",
     "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"),
    "Zur Bewertung abgegeben", "Keine Abgabe", "Ja", "Nein",
    _words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "{weekday}, {day}. {month} {year}, {hour:02}:{minute}",
    decimal_comma=True,
)  # fmt: skip
FRENCH = Language(
    "Participant",
    ("Identifiant", "Nom complet", "Adresse de courriel", "Numéro d'identification", "Statut", "Note", "Note maximale",
     "La note peut être modifiée", "Dernière modification (travail remis)", "Texte en ligne",
     "Dernière modification (note)", "Feedback par commentaires"),
    "Remis pour évaluation", "Pas de remise", "Oui", "Non",
    _words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    _words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    "{weekday} {day} {month} {year}, {hour:02}:{minute}",
    decimal_comma=True,
)  # fmt: skip
SPANISH = Language(
    "Participante ",
    ("Identificador", "Nombre completo", "Dirección de correo", "Número de ID", "Estado", "Calificación",
     "Calificación máxima", "La calificación puede ser cambiada", "Última modificación (entrega)", "Texto en línea",
     "Última modificación (calificación)", "Comentarios de retroalimentación"),
    "Enviado para calificar", "No entregado", "Sí", "No",
    _words("lunes martes miércoles jueves viernes sábado domingo"),
    _words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    "{weekday}, {day} de {month} de {year}, {hour:02}:{minute}",
    decimal_comma=True,
)  # fmt: skip
JAPANESE = Language(
    "参加者",
    ("ID", "フルネーム", "メールアドレス", "IDナンバー", "ステータス", "評点", "最大評点", "評点の変更可否",
     "最終更新日時 (提出)", "オンラインテキスト", "最終更新日時 (評定)", "フィードバックコメント"),
    "評定のために提出済み", "提出なし", "はい", "いいえ",
    _words("月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"),
    tuple(f"{month:02}" for month in range(1, 13)),
    "{year}年 {month}月 {day:02}日({weekday}) {hour:02}:{minute}",
)  # fmt: skip


def participants(works: Mapping[str, Mapping[str, bytes]], last: datetime.datetime) -> list[Participant]:
    """A made-up class: each name with the files that were handed in, one after the other, the last one at `last`.

    Who has no files has handed in nothing. Names without spaces become the students' ids.
    """
    people = []
    for number, (name, files) in enumerate(works.items()):
        submitted = last - datetime.timedelta(minutes=37 * (len(works) - 1 - number)) if files else None
        word = re.sub(r"\W+", "-", name)
        people.append(Participant(70_001 + number, name, f"{word}@example.org", word, files, submitted))
    return people


def write_download(path: Path, participants: Iterable[Participant], form: str = FOLDERS) -> None:
    """Write the zip of all submissions; `form` is FOLDERS (since 4.1), OLD_FOLDERS (since 3.1) or FLAT (before)."""
    separator = {FOLDERS: "/", OLD_FOLDERS: "_/", FLAT: "_"}[form]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for participant in participants:
            parts = [("file", name, content) for name, content in participant.files.items()]
            if participant.online_text:
                parts.append(("onlinetext", "onlinetext.html", participant.online_text.encode()))
            for kind, name, content in parts:
                student = f"{participant.name.replace('_', ' ')}_{participant.identifier}"
                folder = clean_filename(f"{student}_assignsubmission_{kind}")
                entry = zipfile.ZipInfo(f"{folder}{separator}{name.split('/')[-1] if form == FLAT else name}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                if participant.submitted:
                    entry.date_time = participant.submitted.timetuple()[:6]
                archive.writestr(entry, content)


def write_worksheet(
    path: Path,
    participants: Iterable[Participant],
    language: Language = ENGLISH,
    max_grade: str = "100.00",
    separator: str = ",",
    encoding: str = "utf-8-sig",
) -> None:
    """Write the grading worksheet; separator and encoding are others where a spreadsheet program has saved it."""
    rows = [language.headings, *(_row(participant, language, max_grade) for participant in participants)]
    lines = [separator.join(_quoted(cell, separator) for cell in row) for row in rows]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))


def _row(participant: Participant, language: Language, max_grade: str) -> tuple[str, ...]:
    return (
        f"{language.participant}{participant.identifier}",
        participant.name,
        participant.email,
        participant.id_number,
        language.submitted if participant.submitted else language.nothing,
        _decimal(participant.grade, language),
        _decimal(max_grade, language),
        language.no if participant.locked else language.yes,
        _date(participant.submitted, language),
        participant.online_text,
        _date(participant.graded, language),
        participant.comment,
    )


def _decimal(number: str, language: Language) -> str:
    return number.replace(".", ",") if language.decimal_comma else number


def _date(time: datetime.datetime | None, language: Language) -> str:
    if time is None:
        return "-"
    return language.date.format(
        weekday=language.days[time.weekday()],
        day=time.day,
        month=language.months[time.month - 1],
        year=time.year,
        hour=time.hour,
        hour12=time.hour % 12 or 12,
        minute=f"{time.minute:02}",
        noon="AM" if time.hour < 12 else "PM",
    )


def _quoted(cell: str, separator: str) -> str:
    """As PHP's fputcsv: between quotes where there is a space, a quote, a tab, a line's end or the separator."""
    special = any(character in cell for character in (*' "\t\n\r\\', separator))
    return '"' + cell.replace('"', '""') + '"' if special else cell


def clean_filename(name: str) -> str:
    """A name as Moodle's function of this name makes it: it leaves out what some systems can't have in names."""
    return re.sub(r"[\x00-\x1f\x7f&<>\"`|':\\/]", "", name)

"""Dates as Moodle writes them for people, in any language that Babel knows the months of."""

from __future__ import annotations

import datetime
import itertools
import re
import unicodedata
from functools import cache
from typing import Literal

from babel.dates import get_month_names

# The languages in which Moodle is used most; a month that two of them call by one name is the same month in both.
LANGUAGES = (
    "en de fr es ja it pt nl ca eu gl sv da nb nn fi is et lv lt pl cs sk sl hr sr bs hu ro bg ru uk be el tr az ka hy "
    "he ar fa hi bn ta te th vi id ms zh ko mk sq cy ga af sw fil kk uz mn ne"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBERS = re.compile(r"\d+")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?")
_BEFORE_NOON = re.compile(r"\b(?:am|a\.m\.|πμ|π\.μ\.)(?!\w)|午前|上午|오전")
_AFTER_NOON = re.compile(r"\b(?:pm|p\.m\.|μμ|μ\.μ\.)(?!\w)|午後|下午|오후")


def moodle_date(text: str) -> datetime.datetime | None:
    """The date and time that `text` names, without a time zone; None where it names none.

    >>> moodle_date("Friday, 20 November 2026, 11:45 PM")
    datetime.datetime(2026, 11, 20, 23, 45)
    >>> moodle_date("Freitag, 20. November 2026, 23:45") == moodle_date("2026年 11月 20日(金曜日) 23:45")
    True
    """
    plain = _plain(text)
    clock = _TIME.search(plain)
    if clock is None:
        return None
    day = _day(plain[: clock.start()] + " " + plain[clock.end() :])
    if day is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if _AFTER_NOON.search(plain) and hour < 12:
        hour += 12
    elif _BEFORE_NOON.search(plain) and hour == 12:
        hour = 0
    try:
        return datetime.datetime(*day, hour, minute, second)
    except ValueError:
        return None


def _day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day: the number of four digits is the year, a month is a word or stands between the others."""
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    years = [number for number in numbers if 1970 <= number <= 2999]
    if len(years) != 1:
        return None
    others = [number for number in numbers if number != years[0]]
    if len(others) == 1 and (month := _month(text)):
        return years[0], month, others[0]
    if len(others) == 2 and numbers[0] == years[0]:
        return years[0], others[0], others[1]
    if len(others) == 2:
        return years[0], others[1], others[0]
    return None


def _month(text: str) -> int | None:
    """The month that the text names; a short name counts where no full one is there ("mar." is also a Tuesday)."""
    words = set(_WORD.findall(text))
    for names in (_months("wide"), _months("abbreviated")):
        named = {names[word] for word in words & names.keys()}
        if len(named) == 1:
            return named.pop()
    return None


@cache
def _months(width: Literal["wide", "abbreviated"]) -> dict[str, int]:
    """Each month's names in each language, as they stand alone and in a date."""
    found: dict[str, int] = {}
    contexts: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
    for language, context in itertools.product(LANGUAGES.split(), contexts):
        for number, name in get_month_names(width, context, language).items():
            for word in _WORD.findall(_plain(name)):
                found.setdefault(word, number)
    return found


def _plain(text: str) -> str:
    """Lower case and composed, with the digits that Python counts with."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in composed)

"""Reading a date the way people write it."""

import re
from calendar import monthrange
from datetime import date

from loket.forms.cleaning import UNREADABLE, ascii_digits, clean, first, is_text
from loket.forms.types import Problem, Raw
from loket.kernel.text import Message, marked

# Anything earlier is a year written short.
FIRST_YEAR = 1000
PARTS = ("day", "month", "year")

NO_DAY = Message(marked("The date must include a day"))
NO_MONTH = Message(marked("The date must include a month"))
NO_YEAR = Message(marked("The date must include a year"))
DAY_WRONG = Message(marked("The day must be a number from 1 to 31"))
MONTH_WRONG = Message(marked("The month must be a number from 1 to 12, or its name"))
YEAR_WRONG = Message(marked("The year must be a number, for example 1984"))
YEAR_SHORT = Message(marked("Write the year with four numbers, for example 1984"))
NO_SUCH_DAY = Message(marked("Check the day: that month has only %(days)s days"))
NOT_A_DATE = Message(marked("Enter a date, for example 27 3 2024"))

# English, Indonesian and Swahili, in full and as people shorten them.
_NAMES = (
    "jan january januari",
    "feb february februari",
    "mar mac march maret machi",
    "apr april aprili",
    "may mei",
    "jun june juni",
    "jul july juli julai",
    "aug agu agt ags ago august agustus agosti",
    "sep sept september septemba",
    "oct okt october oktober oktoba",
    "nov november novemba",
    "dec des december desember desemba",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_MISSING = {"day": NO_DAY, "month": NO_MONTH, "year": NO_YEAR}
_WHOLE = re.compile(r"(?P<day>[0-9]{1,2})[\s./-]+(?P<month>[0-9]{1,2}|[a-z]+)[\s./-]+(?P<year>[0-9]{4})")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_FIELD_LIMIT = 40


def read_date(raw: Raw) -> date | Problem:
    """The date in the three fields, or pasted whole into one of them. Some field has something."""
    typed = {part: _tidy(first(raw, part)) for part in ("", *PARTS)}
    if not all(is_text(first(raw, part)) for part in typed):
        return Problem(UNREADABLE, "day")
    filled = [text for text in typed.values() if text]
    whole = _as_parts(filled[0]) if len(filled) == 1 else None
    if whole is None and typed[""]:
        return Problem(NOT_A_DATE, "day")
    return _from_parts(whole or typed)


def _tidy(typed: str) -> str:
    text = clean(typed, limit=_FIELD_LIMIT)
    return "?" if isinstance(text, Problem) else ascii_digits(text).strip(" .,").lower()


def _as_parts(text: str) -> dict[str, str] | None:
    found = _ISO.fullmatch(text) or _WHOLE.fullmatch(text)
    return found.groupdict() if found else None


def _from_parts(typed: dict[str, str]) -> date | Problem:
    for part in PARTS:
        if not typed[part]:
            return Problem(_MISSING[part], part)
    day, month = _number(typed["day"], 2), _month(typed["month"])
    if day is None or not 1 <= day <= 31:
        return Problem(DAY_WRONG, "day")
    if month is None:
        return Problem(MONTH_WRONG, "month")
    return _with_year(day, month, typed["year"])


def _with_year(day: int, month: int, typed: str) -> date | Problem:
    year = _number(typed, 4)
    if year is None:
        return Problem(YEAR_WRONG, "year")
    if len(typed) < 4 or year < FIRST_YEAR:
        return Problem(YEAR_SHORT, "year")
    days = monthrange(year, month)[1]
    if day > days:
        return Problem(NO_SUCH_DAY.with_params(days=days), "day")
    return date(year, month, day)


def _month(typed: str) -> int | None:
    number = _number(typed, 2)
    if number is None:
        return _MONTHS.get(typed)
    return number if 1 <= number <= 12 else None


def _number(typed: str, digits: int) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= digits else None

"""Valid answers by chance, for any question of any service."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from loket.forms.definition import Question

_TOWNS = ("Tumaini", "Bandarini", "Kisiwani", "Mlimani")
_NAMES = ("Zuhura Mwinyi", "Siti Aminah", "Ngũgĩ wa Thiong’o", "Àṣà Ọ̀ṣun", "Li Wei", "Budi")
_WORDS = ("road", "bridge", "market", "water", "school", "jalan", "jembatan", "soko", "🏫", "café", "ñandú")


def answer(question: Question, by: Random, today: date, centres: Sequence[str] = ()) -> Any:
    """An answer as the kind stores it; None leaves an optional question empty. `centres` of its agency."""
    if question.kind == "centre":
        return by.choice(centres)
    if not question.required and by.random() < 0.5:
        return None
    made: Any = _MAKERS[question.kind](question, by, today)
    return made


def _text(question: Any, by: Random, today: date) -> str:
    pattern = getattr(question, "pattern", None)
    if pattern:
        made = _fitting(_parser.parse(pattern), by)
        assert re.fullmatch(pattern, made), (question.id, pattern, made)
        return made
    most = getattr(question, "max_length", None) or 200
    return " ".join(by.choice(_WORDS) for _ in range(by.randint(1, 12)))[:most].strip()


def _fitting(pattern: Any, by: Random) -> str:
    """A text that a pattern of letters, digits, ranges and repetitions takes."""
    made = ""
    for what, which in pattern:
        if what is _constants.LITERAL:
            made += chr(which)
        elif what is _constants.IN:
            kind, bounds = by.choice(which)
            made += chr(by.randint(*bounds) if kind is _constants.RANGE else bounds)
        elif what is _constants.MAX_REPEAT:
            least, most, inner = which
            made += "".join(_fitting(inner, by) for _ in range(by.randint(least, min(most, least + 5))))
        else:
            raise AssertionError(f"no answer is made for {what}")
    return made


def _number(question: Any, by: Random, today: date) -> int:
    least, most = getattr(question, "min", None), getattr(question, "max", None)
    return by.randint(least if least is not None else 1, most if most is not None else 9)


def _date(question: Any, by: Random, today: date) -> str:
    """Near today or a lifetime ago; the page says where it doesn't fit, and another is tried."""
    days = by.choice([0, 1, 7, 20, -3, -20, -60, -365, -3650, -10000, -20000, -25000])
    return (today + timedelta(days=days - by.randint(0, 3))).isoformat()


def _choices(question: Any, by: Random, today: date) -> list[str]:
    values = [option.value for option in question.options]
    chosen = by.sample(values, by.randint(1, len(values)))
    return [value for value in values if value in chosen]


def _address(question: Any, by: Random, today: date) -> dict[str, str]:
    return {
        "line1": f"{by.randint(1, 99)} Jalan {by.choice(_WORDS)}",
        "line2": "",
        "town": by.choice(_TOWNS),
        "region": "",
        "postcode": f"{by.randint(10000, 99999)}",
        "country": "",
    }


def _contact(question: Any, by: Random, today: date) -> dict[str, str]:
    return by.choice(
        [
            {"channel": "email", "address": f"person{by.randint(1, 999)}@example.com"},
            {"channel": "sms", "address": f"+2547{by.randint(10_000_000, 99_999_999)}"},
            {"channel": "none", "address": ""},
        ]
    )


_MAKERS: Any = {
    "text": _text,
    "long_text": _text,
    "name": lambda question, by, today: by.choice(_NAMES),
    "email": lambda question, by, today: f"person{by.randint(1, 999)}@example.com",
    "phone": lambda question, by, today: f"+2547{by.randint(10_000_000, 99_999_999)}",
    "whole_number": _number,
    "date": _date,
    "yes_no": lambda question, by, today: by.random() < 0.5,
    "choice": lambda question, by, today: by.choice(question.options).value,
    "choices": _choices,
    "address": _address,
    "contact": _contact,
    "declaration": lambda question, by, today: True,
}

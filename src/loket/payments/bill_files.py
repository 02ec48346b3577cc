"""Bills as a CSV file gives them: read line by line, each mistake named by its line and column."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from loket.kernel.money import Money
from loket.kernel.text import LANGUAGES
from loket.payments.bills import plain
from loket.payments.types import LocalText

COLUMNS = ("number", "fact", "amount", "currency", "what", "place", "issued_on", "due_on")
_NEEDED = frozenset(COLUMNS) - {"what", "place"}
_WHAT = ("what", *(f"what_{language}" for language in LANGUAGES))
_NUMBER_LIMIT, _TEXT_LIMIT = 60, 500
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class BillRow:
    """`line` counts from 1, the heading line included."""

    line: int
    number: str
    fact: str
    amount: Money
    what: LocalText
    place: str
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class RowError:
    """`column` is empty where the whole line is wrong."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"{self.line}: {self.column}" if self.column else str(self.line)
        return f"{where}: {self.message}"


class NoSuchColumns(ValueError):
    """The first line does not name the columns that are needed."""


class _Wrong(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_rows(lines: Iterable[str]) -> Iterator[BillRow | RowError]:
    """Every line of the file, as it comes. `what` in one language, or `what_en`, `what_id`, … in several.

    Dates are written 2026-01-31, amounts 1500.00. Raises NoSuchColumns before the first row.
    """
    table = csv.DictReader(lines, restkey="", strict=True)
    try:
        columns = tuple(table.fieldnames or ())
    except csv.Error as problem:
        raise NoSuchColumns(f"the first line can't be read: {problem}") from None
    missing = sorted(_NEEDED - set(columns))
    if missing or not set(columns) & set(_WHAT):
        raise NoSuchColumns(f"the first line lacks: {', '.join(missing or ['what'])}")
    unknown = sorted(set(columns) - set(COLUMNS) - set(_WHAT))
    if unknown:
        raise NoSuchColumns(f"the first line has columns that nobody knows: {', '.join(unknown)}")
    seen: dict[str, int] = {}
    while True:
        try:
            fields = next(table)
        except StopIteration:
            return
        except csv.Error as problem:
            yield RowError(table.reader.line_num, "", f"can't be read: {problem}")
            continue
        yield _read(table.line_num, fields, seen)


def _read(line: int, fields: Mapping[str | None, object], seen: dict[str, int]) -> BillRow | RowError:
    if "" in fields or None in fields.values():
        return RowError(line, "", "has more or fewer fields than the first line")
    texts = {str(name): str(value).strip() for name, value in fields.items()}
    try:
        row = BillRow(
            line=line,
            number=_text(texts, "number", _NUMBER_LIMIT),
            fact=_text(texts, "fact", _NUMBER_LIMIT),
            amount=_amount(texts),
            what=_what(texts),
            place=_text(texts, "place", _TEXT_LIMIT) if texts.get("place") else "",
            issued_on=_day(texts, "issued_on"),
            due_on=_day(texts, "due_on"),
        )
    except _Wrong as problem:
        return RowError(line, problem.column, str(problem))
    if row.due_on < row.issued_on:
        return RowError(line, "due_on", "is before issued_on")
    before = seen.setdefault(plain(row.number), line)
    if before != line:
        return RowError(line, "number", f"stands in line {before} already")
    return row


def _text(texts: Mapping[str, str], column: str, limit: int) -> str:
    text = texts[column]
    if not any(sign.isalnum() for sign in text):
        raise _Wrong(column, "is empty")
    if len(text) > limit or not text.isprintable():
        raise _Wrong(column, f"must be at most {limit} readable characters")
    return text


def _amount(texts: Mapping[str, str]) -> Money:
    currency = texts["currency"]
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise _Wrong("currency", "must be a code such as KES")
    try:
        number = Decimal(texts["amount"])
    except InvalidOperation:
        raise _Wrong("amount", "must be a number such as 1500.00") from None
    if not number.is_finite() or not 0 < number < _MOST:
        raise _Wrong("amount", "must be above zero and below a million million")
    money = Money(number, currency)
    if money.rounded().amount != number:
        raise _Wrong("amount", f"has more decimals than {currency} has")
    return money.rounded()


def _what(texts: Mapping[str, str]) -> LocalText:
    named = {
        str(language): _text(texts, f"what_{language}", _TEXT_LIMIT)
        for language in LANGUAGES
        if texts.get(f"what_{language}")
    }
    if named:
        return named
    column = next((name for name in _WHAT if name in texts), "what")
    return {"en": _text(texts, column, _TEXT_LIMIT)}


def _day(texts: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(texts[column])
    except ValueError:
        raise _Wrong(column, "must be a date such as 2026-01-31") from None

"""Functions of texts. Patterns are RE2: time grows with the text, never with its cunning."""

import re
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Protocol

import re2

from loket.expressions.context import Run
from loket.expressions.faults import ErrorCode, Fault
from loket.expressions.numbers import DECIMALS, MAX_TEXT, whole
from loket.expressions.types import Value
from loket.kernel.money import Money

MAX_PATTERN = 1_000  # characters
_PATTERN_MEMORY = 1 << 20  # bytes, for each compiled pattern


class _Pattern(Protocol):
    def search(self, text: str) -> object: ...


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str) -> _Pattern:
    """Raises Fault where RE2 refuses the pattern or it would need too much memory."""
    if len(pattern) > MAX_PATTERN:
        raise Fault(ErrorCode.PATTERN)
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    try:
        found: _Pattern = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        raise Fault(ErrorCode.PATTERN) from None
    return found


def matches(run: Run, text: str, pattern: str) -> bool:
    run.charge(len(text) >> 4)
    try:
        return compiled_pattern(pattern).search(text) is not None
    except UnicodeEncodeError:
        raise Fault(ErrorCode.VALUE) from None


def contains(run: Run, text: str, part: str) -> bool:
    run.charge(len(text) >> 6)
    return part in text


def starts_with(run: Run, text: str, part: str) -> bool:
    return text.startswith(part)


def ends_with(run: Run, text: str, part: str) -> bool:
    return text.endswith(part)


def lower(run: Run, text: str) -> str:
    return _changed(run, text, text.lower())


def upper(run: Run, text: str) -> str:
    return _changed(run, text, text.upper())


def trim(run: Run, text: str) -> str:
    return _changed(run, text, text.strip())


def _changed(run: Run, before: str, after: str) -> str:
    run.charge(len(before) >> 6)
    if len(after) > MAX_TEXT:  # some letters have longer capitals
        raise Fault(ErrorCode.OVERFLOW)
    return after


# Only the digits 0 to 9, no underscores: what Python's own int() reads besides is a surprise.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MAX_NUMBER = 60


def as_decimal(run: Run, value: str | int | Decimal | Money) -> Decimal:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, str):
        value = value[: _MAX_NUMBER + 1].strip()
        if len(value) > _MAX_NUMBER or not _NUMBER.fullmatch(value):
            raise Fault(ErrorCode.CONVERSION)
    try:
        return DECIMALS.create_decimal(value)
    except DecimalException:
        raise Fault(ErrorCode.OVERFLOW) from None


def as_integer(run: Run, value: str | int | Decimal) -> int:
    """Towards zero."""
    if isinstance(value, int):
        return value
    number = as_decimal(run, value)
    if number.adjusted() > 20:  # before Python writes out a million digits
        raise Fault(ErrorCode.OVERFLOW)
    return whole(int(number))


def as_text(run: Run, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    if isinstance(value, str | int):
        return str(value)
    return value.isoformat()  # type: ignore[union-attr]  # the table lets only dates through


def as_money(run: Run, amount: str | int | Decimal, currency: str) -> Money:
    if not re.fullmatch("[A-Z]{3}", currency):
        raise Fault(ErrorCode.CONVERSION)
    return Money(as_decimal(run, amount), currency)


def currency(run: Run, amount: Money) -> str:
    return amount.currency

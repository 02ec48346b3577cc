"""Dates, numbers, money and sentences in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from django.utils import timezone
from django.utils.translation import get_language, gettext

from loket.kernel.money import Money
from loket.kernel.text import FALLBACK, Message, in_language

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ckb"})


def language() -> str:
    """The language of the page being made, such as `sw`."""
    return (get_language() or FALLBACK).partition("-")[0]


def direction(of_language: str) -> str:
    return "rtl" if of_language in _RIGHT_TO_LEFT else "ltr"


def local_text(text: Mapping[str, str] | str | None) -> str:
    """A pack's text in the page's language; a plain string as it is; nothing for None."""
    if text is None or isinstance(text, str):
        return text or ""
    return in_language(text, language())


def long_date(day: date) -> str:
    """31 January 2026 / 31 Januari 2026. A moment counts in the active time zone."""
    return format_date(_local(day), "d MMMM y", locale=language())


def short_date(day: date) -> str:
    return format_date(_local(day), "d MMM y", locale=language())


def clock_time(moment: datetime | time) -> str:
    at = _local(moment) if isinstance(moment, datetime) else moment
    return format_time(at, "HH:mm", locale=language())


def long_moment(moment: datetime) -> str:
    """31 January 2026, 14:05, in the active time zone."""
    return format_datetime(_local(moment), "d MMMM y, HH:mm", locale=language())


def number(value: float | Decimal) -> str:
    return format_decimal(value, locale=language(), decimal_quantization=False)


def amount(value: Money) -> str:
    """KES 1,050.00: a code or a word keeps its distance from the figures, a sign such as € need not.

    What is taken off has its minus before all of it.
    """
    if value.amount < 0:
        return f"\N{MINUS SIGN}{amount(Money(-value.amount, value.currency))}"
    written = format_currency(value.amount, value.currency, locale=language())
    symbol = get_currency_symbol(value.currency, locale=language())
    if symbol[-1].isalpha() and written.startswith(symbol) and written[len(symbol)].isdigit():
        return f"{symbol}\N{NO-BREAK SPACE}{written[len(symbol) :]}"
    return written


def say(message: Message | str) -> str:
    """An interface sentence in the page's language, its parameters too. A plain string is final already."""
    if isinstance(message, str):
        return message
    sentence = gettext(message.msgid)
    if not message.params:
        return sentence
    return sentence % {name: shown(value) for name, value in message.params.items()}


def shown(value: object) -> str:
    """Any value as the language writes it."""
    for kind, show in _WAYS.items():
        if isinstance(value, kind):
            return show(value)
    return str(value)


def _local(day: Any) -> Any:
    """A moment in the active time zone; anything else untouched."""
    return timezone.localtime(day) if isinstance(day, datetime) and timezone.is_aware(day) else day


# The first that fits: a moment is a date too, and a yes or no is a whole number.
_WAYS: Mapping[type, Callable[..., str]] = {
    Message: say,
    Mapping: local_text,
    datetime: long_moment,
    date: long_date,
    Money: amount,
    bool: str,
    int: number,
    float: number,
    Decimal: number,
}

"""Dates and numbers as people of a language write them."""

from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from loket.kernel.money import Money

# Day before month, as the fields are ordered; plain `en` would put the month first.
_LOCALES = {"en": "en_GB"}


def long_date(day: date, language: str) -> str:
    """27 March 2026, 27 Maret 2026, 27 Machi 2026."""
    return format_date(day, "long", locale=_locale(language))


def grouped(number: int, language: str) -> str:
    return format_decimal(number, locale=_locale(language))


def amount(value: Money, language: str) -> str:
    """KES 1,050.00: a code or a word keeps its distance from the figures, a minus stands before it."""
    if value.amount < 0:
        return f"\N{MINUS SIGN}{amount(Money(-value.amount, value.currency), language)}"
    locale = _locale(language)
    written = format_currency(value.amount, value.currency, locale=locale)
    symbol = get_currency_symbol(value.currency, locale=locale)
    if symbol[-1].isalpha() and written.startswith(symbol) and written[len(symbol)].isdigit():
        return f"{symbol}\N{NO-BREAK SPACE}{written[len(symbol) :]}"
    return written


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_LOCALES.get(language, language), sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])

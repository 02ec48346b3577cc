"""Values in words of a language: what stands in the sentences of an explanation."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_precision

from loket.expressions.tree import ListLiteral, Literal, Node, path, walk
from loket.expressions.types import Value
from loket.kernel.money import Money

_MAX_QUOTED = 60
_MAX_ITEMS = 20
# Day before month, as everywhere in Loket; plain `en` would put the month first.
_LOCALES = {"en": "en_GB"}


def worded(value: Value, language: str) -> str:  # noqa: PLR0911 - one line for each kind
    """A value as people write it; empty for null and for records."""
    match value:
        case None | bool() | Mapping():
            return ""
        case Money(amount=amount, currency=currency):
            return f"{currency} {_number(amount, language, get_currency_precision(currency))}"
        case int() | Decimal():
            return _number(value, language)
        case datetime():
            return format_datetime(value, "medium", locale=_LOCALES.get(language, language))
        case date():
            return format_date(value, "long", locale=_LOCALES.get(language, language))
        case str():
            return value if len(value) <= _MAX_QUOTED else value[: _MAX_QUOTED - 1] + "…"
        case _:
            return ", ".join(filter(None, (worded(item, language) for item in value[:_MAX_ITEMS])))


def _number(number: int | Decimal, language: str, decimals: int = 0) -> str:
    """All its digits, grouped, and at least so many decimals; what nobody writes out stays as it stands."""
    if isinstance(number, Decimal) and not -20 < number.adjusted() < 20:
        return str(number)
    pattern = "#,##0" + "." * bool(decimals) + "0" * decimals
    return str(format_decimal(number, pattern, locale=language, decimal_quantization=False))


def described(
    node: Node, value: Value, seen: Mapping[int, Value], labels: Mapping[str, str], language: str
) -> str:
    """`your income 12,000`; for what is calculated, `67 (your date of birth 1 May 1959)`."""
    named = path(node)
    if named:
        return _labelled(labels.get(named, named), _option(named, value, labels, language))
    words = worded(value, language)
    origins = dict.fromkeys(
        described(part, seen.get(id(part)), seen, labels, language)
        for part in _outermost_paths(node)
        if labels.get(path(part))
    )
    return f"{words} ({', '.join(origins)})".lstrip() if origins else words


def is_spoken_of(node: Node, labels: Mapping[str, str]) -> bool:
    """Whether anything is left to say: what has an empty label is only shown by its value."""
    named = [path(part) for part in _outermost_paths(node)]
    return any(labels.get(name, name) for name in named)


def _labelled(label: str, words: str) -> str:
    """`your income 12,000`, but `“What is your income?”: 12,000`: a question is quoted and answered."""
    if label and not label[-1].isalnum() and words:
        return f"{label}: {words}"
    return f"{label} {words}".strip()


def _outermost_paths(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Literal):
        return ()
    found = [part for part, _ in walk(node) if path(part)]
    inner = {id(below) for part in found for below, _ in walk(part) if below is not part}
    return tuple(part for part in found if id(part) not in inner)


def _option(named: str, value: Value, labels: Mapping[str, str], language: str) -> str:
    """The label of a chosen option, given under `years=3`."""
    if isinstance(value, tuple):
        return ", ".join(_option(named, item, labels, language) for item in value[:_MAX_ITEMS])
    if isinstance(value, str):
        return labels.get(f"{named}={value}", worded(value, language))
    return worded(value, language)


def compared_to(
    node: Node, other: Node, value: Value, labels: Mapping[str, str], language: str
) -> str | None:
    """What is written out beside a choice, by its options' labels; None for anything else."""
    if isinstance(node, Literal | ListLiteral) and path(other):
        return _option(path(other), value, labels, language)
    return None

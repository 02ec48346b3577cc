"""The functions of the language: one table for the evaluator, the checker and the documentation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from loket.expressions import dates, lists, texts
from loket.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MONEY,
    TEXT,
    Kind,
    Type,
    Value,
)


class Nulls(Enum):
    """What a function does with an argument that is null."""

    PASS = auto()  # the result is null
    REFUSE = auto()  # the result is false
    SEE = auto()  # the function itself looks at it


class Same(Enum):
    """Result types that depend on the arguments'."""

    ARGUMENT = auto()  # the first argument's
    ITEM = auto()  # an item's, for a list; otherwise the first argument's


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kinds: tuple[Kind, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """`many` lets the last parameter be repeated. `apply` takes the run, then the arguments."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type | Same
    doc: str
    apply: Callable[..., Value]
    nulls: Nulls = Nulls.PASS
    many: bool = False

    @property
    def least_arguments(self) -> int:
        return sum(not parameter.optional for parameter in self.parameters)

    def takes(self, arguments: int) -> bool:
        return self.least_arguments <= arguments and (self.many or arguments <= len(self.parameters))

    def parameter(self, position: int) -> Parameter:
        return self.parameters[min(position, len(self.parameters) - 1)]

    @property
    def signature(self) -> str:
        """`round(value: integer | decimal | money, digits?: integer) → the same`, for documentation."""
        parts = [
            f"{parameter.name}{'?' * parameter.optional}: {' | '.join(parameter.kinds)}"
            for parameter in self.parameters
        ]
        result = self.result.kind.value if isinstance(self.result, Type) else "the same"
        if self.result is Same.ITEM:
            result = "an item"
        return f"{self.name}({', '.join(parts)}{', …' * self.many}) → {result}"


_TEXT = (Kind.TEXT,)
_DATE = (Kind.DATE,)
_INTEGER = (Kind.INTEGER,)
_NUMBER = (Kind.INTEGER, Kind.DECIMAL)
_AMOUNT = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
_LIST = (Kind.LIST,)
_ORDERED = (Kind.LIST, *_AMOUNT, Kind.TEXT, Kind.DATE, Kind.DATETIME)
_PLAIN = (Kind.TEXT, *_AMOUNT, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN)


def _given(**kinds: tuple[Kind, ...]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, expected) for name, expected in kinds.items())


_TABLE = (
    Function("has", _given(value=(Kind.ANY,)), BOOLEAN, "Whether it is answered.", lists.has, Nulls.SEE),
    Function(
        "selected",
        _given(choices=(Kind.LIST, Kind.TEXT), option=_TEXT),
        BOOLEAN,
        "Whether the option is (among) what was chosen.",
        lists.selected,
        Nulls.REFUSE,
    ),
    Function(
        "size",
        _given(value=(Kind.TEXT, Kind.LIST, Kind.RECORD)),
        INTEGER,
        "How many characters, items or entries.",
        lists.size,
    ),
    Function(
        "count",
        _given(items=_LIST),
        INTEGER,
        "How many items are answered; 0 where the list itself is not.",
        lists.count,
        Nulls.SEE,
    ),
    Function(
        "sum",
        _given(items=_LIST),
        Same.ITEM,
        "The total of the answered items; 0 for none.",
        lists.total,
    ),
    Function(
        "min",
        _given(value=_ORDERED),
        Same.ITEM,
        "The least of the answered values, or of a list's items.",
        lists.least,
        Nulls.SEE,
        many=True,
    ),
    Function(
        "max",
        _given(value=_ORDERED),
        Same.ITEM,
        "The greatest of the answered values, or of a list's items.",
        lists.greatest,
        Nulls.SEE,
        many=True,
    ),
    Function(
        "round",
        (Parameter("value", _AMOUNT), Parameter("digits", _INTEGER, optional=True)),
        Same.ARGUMENT,
        "Rounded, halves away from zero; money to its smallest coin unless digits are given.",
        lists.rounded,
    ),
    Function("abs", _given(value=_AMOUNT), Same.ARGUMENT, "Without its minus sign.", lists.absolute),
    Function("today", (), DATE, "Today's date where the agency is.", dates.today),
    Function("now", (), DATETIME, "The present moment.", dates.now),
    Function("age", _given(born=_DATE), INTEGER, "Whole years from a date until today.", dates.age),
    Function(
        "years_between",
        _given(start=_DATE, end=_DATE),
        INTEGER,
        "Whole years from one date to another; negative when reversed.",
        dates.years_between,
    ),
    Function(
        "days_between",
        _given(start=_DATE, end=_DATE),
        INTEGER,
        "Days from one date to another; negative when reversed.",
        dates.days_between,
    ),
    Function(
        "working_days",
        _given(start=_DATE, end=_DATE),
        INTEGER,
        "Working days after the start, up to and including the end, in the agency's calendar.",
        dates.working_days,
    ),
    Function("add_days", _given(start=_DATE, days=_INTEGER), DATE, "That many days later.", dates.add_days),
    Function(
        "add_working_days",
        _given(start=_DATE, days=_INTEGER),
        DATE,
        "The last day of a term of that many working days.",
        dates.add_working_days,
    ),
    Function(
        "add_months",
        _given(start=_DATE, months=_INTEGER),
        DATE,
        "The same day that many months later, or the last day of that month.",
        dates.add_months,
    ),
    Function(
        "add_years",
        _given(start=_DATE, years=_INTEGER),
        DATE,
        "The same day that many years later; 28 February for a 29 February.",
        dates.add_years,
    ),
    Function("year", _given(day=_DATE), INTEGER, "The year of a date.", dates.year),
    Function("month", _given(day=_DATE), INTEGER, "The month of a date, 1 to 12.", dates.month),
    Function("day", _given(day=_DATE), INTEGER, "The day of the month of a date.", dates.day_of_month),
    Function(
        "contains",
        _given(text=_TEXT, part=_TEXT),
        BOOLEAN,
        "Whether the part stands in the text.",
        texts.contains,
        Nulls.REFUSE,
    ),
    Function(
        "startsWith",
        _given(text=_TEXT, part=_TEXT),
        BOOLEAN,
        "Whether the text starts with the part.",
        texts.starts_with,
        Nulls.REFUSE,
    ),
    Function(
        "endsWith",
        _given(text=_TEXT, part=_TEXT),
        BOOLEAN,
        "Whether the text ends with the part.",
        texts.ends_with,
        Nulls.REFUSE,
    ),
    Function(
        "matches",
        _given(text=_TEXT, pattern=_TEXT),
        BOOLEAN,
        "Whether the RE2 pattern is found in the text; ^ and $ tie it to the ends.",
        texts.matches,
        Nulls.REFUSE,
    ),
    Function("lower", _given(text=_TEXT), TEXT, "In small letters.", texts.lower),
    Function("upper", _given(text=_TEXT), TEXT, "In capitals.", texts.upper),
    Function("trim", _given(text=_TEXT), TEXT, "Without spaces around it.", texts.trim),
    Function(
        "date",
        _given(value=(Kind.TEXT, Kind.DATE, Kind.DATETIME)),
        DATE,
        'A date from a text such as "2026-01-31", or the agency\'s day of a moment.',
        dates.as_date,
    ),
    Function(
        "datetime",
        _given(value=(Kind.TEXT, Kind.DATETIME)),
        DATETIME,
        'A moment from a text such as "2026-01-31T09:00:00+03:00".',
        dates.as_datetime,
    ),
    Function(
        "money",
        _given(amount=(Kind.TEXT, *_NUMBER), currency=_TEXT),
        MONEY,
        'An amount in a currency, as in money("10.00", "KES").',
        texts.as_money,
    ),
    Function("currency", _given(amount=(Kind.MONEY,)), TEXT, "The currency of an amount.", texts.currency),
    Function(
        "int",
        _given(value=(Kind.TEXT, *_NUMBER)),
        INTEGER,
        "A whole number, what follows the point cut off.",
        texts.as_integer,
    ),
    Function(
        "decimal",
        _given(value=(Kind.TEXT, *_AMOUNT)),
        DECIMAL,
        "A decimal number, or the amount of money without its currency.",
        texts.as_decimal,
    ),
    Function("string", _given(value=_PLAIN), TEXT, "The value as a text.", texts.as_text),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _TABLE}


def result_type(function: Function, arguments: tuple[Type, ...]) -> Type:
    if isinstance(function.result, Type):
        return function.result
    if not arguments:
        return ANY
    first = arguments[0]
    if function.result is Same.ITEM and first.kind is Kind.LIST:
        return first.item or ANY
    if function.result is Same.ITEM and {type_.kind for type_ in arguments} == {Kind.INTEGER, Kind.DECIMAL}:
        return DECIMAL
    return first

"""Kinds of value, their types, and what can go wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from loket.kernel.money import Money

Value: TypeAlias = (
    "str | int | Decimal | bool | date | datetime | Money | tuple[Value, ...] | Mapping[str, Value] | None"
)


class Kind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    LIST = "list"
    RECORD = "record"
    NULL = "null"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Type:
    """`item` belongs to a list, `fields` to a record, `options` to a choice.

    A record whose `fields` are None, and a choice without `options`, are not looked into.
    """

    kind: Kind
    item: "Type | None" = None
    fields: "Mapping[str, Type] | None" = field(default=None, hash=False)
    options: tuple[str, ...] = ()


TEXT = Type(Kind.TEXT)
INTEGER = Type(Kind.INTEGER)
DECIMAL = Type(Kind.DECIMAL)
MONEY = Type(Kind.MONEY)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
BOOLEAN = Type(Kind.BOOLEAN)
NULL = Type(Kind.NULL)
ANY = Type(Kind.ANY)


def list_of(item: Type) -> Type:
    return Type(Kind.LIST, item=item)


def record(fields: Mapping[str, Type]) -> Type:
    return Type(Kind.RECORD, fields=fields)


def choice(options: tuple[str, ...]) -> Type:
    return Type(Kind.CHOICE, options=options)


_EXACT: Mapping[type, Kind] = {
    type(None): Kind.NULL,
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    int: Kind.INTEGER,
    Decimal: Kind.DECIMAL,
    date: Kind.DATE,
    datetime: Kind.DATETIME,
    Money: Kind.MONEY,
    tuple: Kind.LIST,
    dict: Kind.RECORD,
}
# In this order: a bool is an int and a datetime is a date to Python, not to a person.
_FALLBACK: tuple[tuple[type, Kind], ...] = (
    (str, Kind.TEXT),
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (Decimal, Kind.DECIMAL),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (Money, Kind.MONEY),
    (tuple, Kind.LIST),
    (Mapping, Kind.RECORD),
)


def kind_of(value: object) -> Kind:
    """The kind of a value; ANY for what is no value of this language (a float, say)."""
    exact = _EXACT.get(type(value))
    if exact is not None:
        return exact
    return next((kind for python, kind in _FALLBACK if isinstance(value, python)), Kind.ANY)

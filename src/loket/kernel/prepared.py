"""Queries whose SQL is made once a process: for reads that come with every click and every job.

Django composes a statement anew each time, which costs several times what the database needs to answer it.
Here it composes it once, with stand-ins for what is given; later calls only put in what they are given. The
rows, and what tests count, are Django's own.
"""

import secrets
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class _Place:
    """A parameter: the `given`th argument, as the database's adapter wants it; None: always `value`."""

    given: int | None
    value: object
    adapted: type[Any] | None


@dataclass(frozen=True, slots=True)
class _Made:
    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    places: tuple[_Place, ...]
    # What makes values of columns, by their number: asking every column anew costs as much as the row.
    converters: dict[int, Any]


class Prepared(Generic[Row]):
    """`make` gives the queryset for its arguments, which must be UUIDs, texts, bytes, whole numbers or times.

    Each argument stands in the SQL as a value, so that `make` may not look at it, and it is never None.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]]) -> None:
        self._make = make
        self._made: _Made | None = None

    def all(self, *given: object) -> list[Row]:
        """The rows (1 statement). Raises ValueError where an argument is None."""
        if any(argument is None for argument in given):
            raise ValueError("a prepared query compares with values only")
        made = self._made
        if made is None:
            made = self._made = _made(self._make, given)
        return list(_rows(made, given))

    def first(self, *given: object) -> Row | None:
        """The first of the rows (1 statement); the queryset limits them itself."""
        rows = self.all(*given)
        return rows[0] if rows else None


def _made(make: Callable[..., QuerySet[Any, Any]], given: Sequence[object]) -> _Made:
    stand_ins = [_unlike_any(argument) for argument in given]
    queryset = make(*stand_ins)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    places = tuple(_place(parameter, stand_ins) for parameter in parameters)
    missing = set(range(len(given))) - {place.given for place in places}
    if missing:
        raise ValueError(f"arguments {sorted(missing)} don't stand in the statement as they are")
    columns: Any = compiler.select
    converters = compiler.get_converters([column for column, _sql, _alias in columns])
    return _Made(queryset, compiler, sql, places, converters)


def _place(parameter: Any, stand_ins: Sequence[object]) -> _Place:
    # The adapter wraps bytes, and gives whole numbers a type of their size.
    bare = getattr(parameter, "obj", parameter)
    for number, stand_in in enumerate(stand_ins):
        if bare == stand_in:
            return _Place(number, None, None if type(parameter) is type(stand_in) else type(parameter))
    return _Place(None, parameter, None)


def _rows(made: _Made, given: Sequence[object]) -> Any:
    parameters = tuple(_value(place, given) for place in made.places)
    compiler: Any = copy(made.compiler)
    # Connections belong to threads; the statement to all of them.
    compiler.connection = connections[made.queryset.db]
    compiler.as_sql = lambda *_, **__: (made.sql, parameters)
    compiler.get_converters = lambda *_: made.converters
    query: Any = copy(made.queryset.query)
    query.get_compiler = lambda *_, **__: compiler
    queryset: Any = QuerySet(model=made.queryset.model, query=query, using=made.queryset.db)
    shaped: Any = made.queryset
    queryset._fields = shaped._fields
    return shaped._iterable_class(queryset)


def _value(place: _Place, given: Sequence[object]) -> object:
    if place.given is None:
        return place.value
    value = given[place.given]
    return value if place.adapted is None else place.adapted(value)


def _unlike_any(argument: object) -> object:
    """A value of the same type that stands nowhere else in a statement."""
    match argument:
        case UUID():
            return uuid4()
        case str():
            return secrets.token_hex(16)
        case bytes():
            return secrets.token_bytes(32)
        case int():
            return 1_000_000_000 + secrets.randbelow(1_000_000_000)
        case datetime():
            return datetime(1901, 1, 1, tzinfo=UTC) + timedelta(microseconds=secrets.randbelow(10**15))
    raise TypeError(f"a prepared query can't be given a {type(argument).__name__}")

"""Queries whose SQL is made once a process: for reads that come with every click and every job.

Django composes a statement anew each time, which costs several times what the database needs to answer it.
Here it composes it once, with stand-ins for what is given; later calls only put in what they are given. Rows
of one table are made as Django makes them, without what it looks up for each query anew; anything else goes
Django's own way. What tests count is Django's own.
"""

import secrets
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, cast
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable
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
    # Makes rows of what the database gives; None: Django does.
    shape: Callable[[str, Any], Any] | None


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
        parameters = tuple(_value(place, given) for place in made.places)
        if made.shape is None:
            return list(_rows(made, parameters))
        alias = made.queryset.db
        with connections[alias].cursor() as cursor:
            cursor.execute(made.sql, cast(Any, parameters))
            return [made.shape(alias, row) for row in cursor.fetchall()]

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
    return _Made(queryset, compiler, sql, places, _shape(queryset, compiler))


def _shape(queryset: Any, compiler: Any) -> Callable[[str, Any], Any] | None:
    """For whole rows of one table and for single columns."""
    if queryset._prefetch_related_lookups or queryset._known_related_objects:
        return None
    columns = [column for column, *_ in compiler.select]
    converted = [(at, *found) for at, found in compiler.get_converters(columns).items()]

    def values(alias: str, row: Any) -> Any:
        """As the fields read them; most are what the driver gives already."""
        if not converted:
            return row
        read, connection = list(row), connections[alias]
        for at, converters, column in converted:
            for convert in converters:
                read[at] = convert(read[at], column, connection)
        return read

    if queryset._iterable_class is FlatValuesListIterable and len(columns) == 1:
        return lambda alias, row: values(alias, row)[0]
    about = compiler.klass_info or {}
    of_one_table = not about.get("related_klass_infos") and not compiler.annotation_col_map
    if queryset._iterable_class is not ModelIterable or not of_one_table:
        return None
    model, names = about["model"], [column.target.attname for column in columns]
    return lambda alias, row: model.from_db(alias, names, values(alias, row))


def _place(parameter: Any, stand_ins: Sequence[object]) -> _Place:
    # The adapter wraps bytes, and gives whole numbers a type of their size.
    bare = getattr(parameter, "obj", parameter)
    for number, stand_in in enumerate(stand_ins):
        if bare == stand_in:
            return _Place(number, None, None if type(parameter) is type(stand_in) else type(parameter))
    return _Place(None, parameter, None)


def _rows(made: _Made, parameters: tuple[object, ...]) -> Any:
    compiler: Any = copy(made.compiler)
    # Connections belong to threads; the statement to all of them.
    compiler.connection = connections[made.queryset.db]
    compiler.as_sql = lambda *_, **__: (made.sql, parameters)
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

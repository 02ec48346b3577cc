"""What can be said about a table before anybody is decided about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from math import prod

from loket import expressions
from loket.decisions.definition import Hit, Table
from loket.decisions.tables import CompiledTable
from loket.expressions import Context, Expression, Kind, Type, Value
from loket.expressions.tree import Call, walk

# What a name that has few possible values can be; without an entry it may be anything.
Domains = Mapping[str, tuple[Value, ...]]

_MOST_CASES = 4096
ANY_TIME = Context(datetime(2026, 1, 1, tzinfo=UTC))
_OF_THE_TIME = frozenset({"today", "now", "age"})


class Cover(StrEnum):
    """Whether some rule always fits: shown, shown not to, or not known."""

    WHOLE = "whole"
    GAP = "gap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Coverage:
    """`example` is a case that no rule fits; `dead` are rules that can never be the one that decides."""

    cover: Cover
    example: Mapping[str, Value]
    dead: frozenset[int]


def domain(type_: Type, may_be_null: bool) -> tuple[Value, ...] | None:
    """All the values of a yes/no or of a choice."""
    nothing: tuple[Value, ...] = (None,) if may_be_null else ()
    if type_.kind is Kind.BOOLEAN:
        return (True, False, *nothing)
    if type_.kind is Kind.CHOICE and type_.options:
        return (*type_.options, *nothing)
    return None


def output_types(tables: Mapping[str, Table], known: Mapping[str, Type]) -> dict[str, Type]:
    """`known` with each table as the record of its outputs; a later table knows those before it.

    Where the rules of a table give different kinds of value, the output's type is not known.
    """
    types = dict(known)
    for key, table in tables.items():
        outputs = {name: _output(table, name, types) for name in table.rules[0].gives}
        types[key] = expressions.record(outputs)
    return types


def coverage(table: CompiledTable, domains: Domains) -> Coverage:
    """Goes through every case where the conditions speak of few values only."""
    conditions = [rule.when for rule in table.rules]
    if None in conditions:
        last = conditions.index(None)
        behind = frozenset(range(last + 1, len(conditions)) if table.hit is Hit.FIRST else ())
        found = _by_cases(table, domains)
        return Coverage(Cover.WHOLE, {}, behind | (found.dead if found else frozenset()))
    return _by_cases(table, domains) or Coverage(Cover.UNKNOWN, {}, frozenset())


def _by_cases(table: CompiledTable, domains: Domains) -> Coverage | None:
    conditions = [rule.when for rule in table.rules]
    named = sorted({path for when in conditions if when for path in when.paths})
    if not all(name in domains for name in named) or any(tells_time(when) for when in conditions):
        return None
    if prod(len(domains[name]) for name in named) > _MOST_CASES:
        return None
    gap: Mapping[str, Value] | None = None
    alive: set[int] = set()
    for values in product(*(domains[name] for name in named)):
        case = dict(zip(named, values, strict=True))
        fitting = tuple(_fitting(conditions, case))
        alive.update(fitting[:1] if table.hit is Hit.FIRST else fitting)
        if not fitting and gap is None:
            gap = case
    dead = frozenset(range(len(conditions))) - alive
    return Coverage(Cover.WHOLE if gap is None else Cover.GAP, gap or {}, dead)


def _fitting(conditions: list[Expression | None], case: Mapping[str, Value]) -> Iterator[int]:
    for number, when in enumerate(conditions):
        if when is None or expressions.evaluate(when, case, ANY_TIME).truth:
            yield number


def tells_time(when: Expression | None) -> bool:
    """Whether another day may give another answer."""
    return when is not None and any(
        isinstance(node, Call) and node.function in _OF_THE_TIME for node, _ in walk(when.root)
    )


def _output(table: Table, name: str, types: Mapping[str, Type]) -> Type:
    found = expressions.common(tuple(_cell(rule.gives[name], types) for rule in table.rules))
    return expressions.list_of(found) if table.hit is Hit.COLLECT else found


def _cell(source: str, types: Mapping[str, Type]) -> Type:
    try:
        return expressions.infer(expressions.parse(source), types)
    except expressions.SyntaxProblem:
        return expressions.ANY

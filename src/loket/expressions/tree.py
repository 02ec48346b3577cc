"""The tree of an expression. Every node knows where in the source it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias


class Position(NamedTuple):
    """Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool | int | Decimal | str | None
    at: Position


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class Field:
    target: "Node"
    name: str
    at: Position


@dataclass(frozen=True, slots=True)
class Index:
    target: "Node"
    key: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Unary:
    """`operator` is ! or -."""

    operator: str
    operand: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`operator` is one of + - * / %."""

    operator: str
    left: "Node"
    right: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of == != < <= > >= in."""

    operator: str
    left: "Node"
    right: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Logical:
    """A whole chain of && or of ||, so that long rules stay shallow."""

    operator: str
    operands: tuple["Node", ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: "Node"
    then: "Node"
    otherwise: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class Call:
    """`x.f(y)` and `f(x, y)` are the same call."""

    function: str
    arguments: tuple["Node", ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`target.macro(variable, body)`; `macro` is all, exists, exists_one, filter or map."""

    macro: str
    target: "Node"
    variable: str
    body: "Node"
    at: Position


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: tuple["Node", ...]
    at: Position


@dataclass(frozen=True, slots=True)
class RecordLiteral:
    entries: tuple[tuple["Node", "Node"], ...]
    at: Position


Node: TypeAlias = (
    Literal
    | Name
    | Field
    | Index
    | Unary
    | Arithmetic
    | Comparison
    | Logical
    | Conditional
    | Call
    | Comprehension
    | ListLiteral
    | RecordLiteral
)

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


def children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 - one line for each shape
    match node:
        case Field(target=target):
            return (target,)
        case Index(target=target, key=key):
            return (target, key)
        case Unary(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Logical(operands=nodes) | Call(arguments=nodes) | ListLiteral(items=nodes):
            return nodes
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Comprehension(target=target, body=body):
            return (target, body)
        case RecordLiteral(entries=entries):
            return tuple(part for entry in entries for part in entry)
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, without recursion: the tree may still be too deep."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))


def path(node: Node) -> str:
    """`address.city` for a name or a field of a name, else empty."""
    names: list[str] = []
    while isinstance(node, Field):
        names.append(node.name)
        node = node.target
    if not isinstance(node, Name):
        return ""
    return ".".join((node.name, *reversed(names)))

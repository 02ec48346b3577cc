"""The steps that nodes become: closures from a run to a value. Each says in its name what it does."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, DecimalException
from typing import TypeAlias

from loket.expressions.context import Run
from loket.expressions.faults import ErrorCode, Fault
from loket.expressions.functions import FUNCTIONS, Function, Nulls
from loket.expressions.numbers import (
    DECIMALS,
    MAX_ITEMS,
    MAX_TEXT,
    among,
    calculate,
    equal,
    negative,
    precedes,
    weight,
    whole,
)
from loket.expressions.tree import (
    Comparison,
    Comprehension,
    Literal,
    Node,
    Position,
    walk,
)
from loket.expressions.types import Kind, Value, kind_of
from loket.kernel.money import Money

Step: TypeAlias = Callable[[Run], Value]
_MAX_VALUE_DEPTH = 20


def admitted(run: Run, value: Value, depth: int = _MAX_VALUE_DEPTH) -> Value:  # noqa: PLR0911 - one line per kind
    """A value from outside, bounded; raises Fault for what is none of ours (floats, NaN, cycles)."""
    if value is None or value is True or value is False:
        return value
    match kind_of(value):
        case Kind.TEXT if isinstance(value, str) and len(value) <= MAX_TEXT:
            return value
        case Kind.INTEGER if isinstance(value, int):
            return whole(int(value))
        case Kind.DECIMAL if isinstance(value, Decimal):
            return _finite(value)
        case Kind.MONEY if isinstance(value, Money) and type(value.amount) is Decimal:
            return Money(_finite(value.amount), value.currency)
        case Kind.DATE:
            return value
        case Kind.DATETIME if isinstance(value, datetime) and value.utcoffset() is not None:
            return value
        case Kind.LIST if isinstance(value, tuple) and len(value) <= MAX_ITEMS and depth:
            run.charge(len(value))
            return tuple(admitted(run, item, depth - 1) for item in value)
        case Kind.RECORD if isinstance(value, Mapping) and len(value) <= MAX_ITEMS and depth:
            run.charge(len(value))
            return {str(key): admitted(run, item, depth - 1) for key, item in value.items()}
    raise Fault(ErrorCode.VALUE)


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise Fault(ErrorCode.VALUE)
    try:
        return DECIMALS.plus(number)
    except DecimalException:
        raise Fault(ErrorCode.OVERFLOW) from None


def _truth(value: Value) -> bool:
    """Null is not true; what is neither yes nor no has no business here."""
    if value is True:
        return True
    if value is False or value is None:
        return False
    raise Fault(ErrorCode.TYPE)


def constant(value: Value) -> Step:
    return lambda _: value


def items(parts: tuple[Step, ...]) -> Step:
    return lambda run: tuple([part(run) for part in parts])


def located(step: Step, at: Position) -> Step:
    """The innermost node that fails says where."""

    def located(run: Run) -> Value:
        try:
            return step(run)
        except Fault as fault:
            fault.at = fault.at or at
            raise

    return located


def local_name(name: str) -> Step:
    return lambda run: run.local[name]


def name(name: str) -> Step:
    def read(run: Run) -> Value:
        if name not in run.values:
            raise Fault(ErrorCode.UNKNOWN_NAME)
        return admitted(run, run.values[name])

    return read


def field(target: Step, name: str) -> Step:
    """Null where the record is null or has no such field: an answer that was not given."""

    def read(run: Run) -> Value:
        found = target(run)
        if found is None:
            return None
        if isinstance(found, Mapping):
            return found.get(name)
        raise Fault(ErrorCode.TYPE)

    return read


def index(target: Step, key: Step) -> Step:
    def read(run: Run) -> Value:
        found, at = target(run), key(run)
        if found is None or at is None:
            return None
        if isinstance(found, Mapping) and isinstance(at, str):
            return found.get(at)
        if not isinstance(found, tuple) or kind_of(at) is not Kind.INTEGER or not isinstance(at, int):
            raise Fault(ErrorCode.TYPE)
        if not 0 <= at < len(found):
            raise Fault(ErrorCode.OUT_OF_RANGE)
        return found[at]

    return read


def negation(operand: Step) -> Step:
    return lambda run: not _truth(operand(run))


def minus(operand: Step) -> Step:
    return lambda run: negative(operand(run))


def arithmetic(operator: str, left: Step, right: Step) -> Step:
    if operator != "+":
        return lambda run: calculate(operator, left(run), right(run))

    def added(run: Run) -> Value:
        result = calculate("+", left(run), right(run))
        if isinstance(result, str):
            run.charge(len(result) >> 6)
        elif isinstance(result, tuple):
            run.charge(len(result))
        return result

    return added


def comparison(node: Comparison, left: Step, right: Step) -> Step:
    match node.operator:
        case "==" | "!=":
            return _equality(node, left, right)
        case "in":

            def found(run: Run) -> Value:
                value, values = left(run), right(run)
                run.charge(weight(values))
                return among(value, values)

            return found
        case "<":
            return lambda run: precedes(left(run), right(run), False)
        case "<=":
            return lambda run: precedes(left(run), right(run), True)
        case ">":
            return lambda run: _follows(left(run), right(run), False)
        case _:
            return lambda run: _follows(left(run), right(run), True)


def _follows(left: Value, right: Value, or_equal: bool) -> bool:
    return precedes(right, left, or_equal)


def is_null_literal(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _equality(node: Comparison, left: Step, right: Step) -> Step:
    """With the word null it asks whether something is answered; otherwise what is null compares as false."""
    wanted = node.operator == "=="
    asks = is_null_literal(node.left) or is_null_literal(node.right)

    def compared(run: Run) -> Value:
        one, other = left(run), right(run)
        if one is None or other is None:
            return asks and (one is other) is wanted
        if isinstance(one, tuple | Mapping):
            run.charge(weight(one))
        return equal(one, other) is wanted

    return compared


def every(steps: tuple[Step, ...]) -> Step:
    def decided(run: Run) -> Value:
        return all(_truth(step(run)) for step in steps)

    return decided


def some(steps: tuple[Step, ...]) -> Step:
    def decided(run: Run) -> Value:
        return any(_truth(step(run)) for step in steps)

    return decided


def conditional(condition: Step, then: Step, otherwise: Step) -> Step:
    return lambda run: then(run) if _truth(condition(run)) else otherwise(run)


def call(name: str, steps: tuple[Step, ...]) -> Step:
    function = FUNCTIONS.get(name)
    if function is None or not function.takes(len(steps)):

        def unknown(run: Run) -> Value:
            raise Fault(ErrorCode.UNKNOWN_FUNCTION)

        return unknown
    return lambda run: _applied(function, run, [step(run) for step in steps])


def _applied(function: Function, run: Run, arguments: list[Value]) -> Value:
    for position, argument in enumerate(arguments):
        if argument is None:
            if function.nulls is Nulls.SEE:
                continue
            return None if function.nulls is Nulls.PASS else False
        kinds = function.parameter(position).kinds
        if kind_of(argument) not in kinds and Kind.ANY not in kinds:
            raise Fault(ErrorCode.TYPE)
    return function.apply(run, *arguments)


def record(pairs: tuple[tuple[Step, Step], ...]) -> Step:
    def made(run: Run) -> Value:
        result: dict[str, Value] = {}
        for key_step, value_step in pairs:
            key = key_step(run)
            if not isinstance(key, str):
                raise Fault(ErrorCode.TYPE)
            result[key] = value_step(run)
        return result

    return made


def comprehension(node: Comprehension, target: Step, body: Step) -> Step:
    cost = sum(1 for _ in walk(node.body))

    def outcomes(run: Run, items: tuple[Value, ...]) -> list[Value]:
        before = run.local
        found: list[Value] = []
        try:
            for item in items:
                run.charge(cost)
                run.local = {**before, node.variable: item}
                found.append(body(run))
        finally:
            run.local = before
        return found

    def gathered(run: Run) -> Value:
        items = target(run)
        if items is None:
            return None if node.macro in ("filter", "map") else False
        if isinstance(items, Mapping):
            items = tuple(items)
        if not isinstance(items, tuple):
            raise Fault(ErrorCode.TYPE)
        return _gathered(node.macro, items, outcomes(run, items))

    return gathered


def _gathered(macro: str, items: tuple[Value, ...], found: list[Value]) -> Value:
    if macro == "map":
        return tuple(found)
    truths = [_truth(outcome) for outcome in found]
    match macro:
        case "filter":
            return tuple(item for item, kept in zip(items, truths, strict=True) if kept)
        case "all":
            return all(truths)
        case "exists":
            return any(truths)
        case _:
            return truths.count(True) == 1

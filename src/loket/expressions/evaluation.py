"""From tree to value. A tree is compiled once into closures; running them never raises outside here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, DecimalException
from typing import TypeAlias

from loket.expressions.context import Context, Run
from loket.expressions.faults import ErrorCode, EvaluationError, Fault
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
    Arithmetic,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Field,
    Index,
    ListLiteral,
    Literal,
    Logical,
    Name,
    Node,
    Position,
    RecordLiteral,
    Unary,
    walk,
)
from loket.expressions.types import Kind, Value, kind_of
from loket.kernel.money import Money

Step: TypeAlias = Callable[[Run], Value]
_NO_NAMES: frozenset[str] = frozenset()
_MAX_VALUE_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Result:
    """`value` is null where there is an error."""

    value: Value
    error: EvaluationError | None = None

    @property
    def truth(self) -> bool:
        """True only where the value is true and nothing went wrong."""
        return self.value is True and self.error is None


def run_steps(
    step: Step, cost: int, values: Mapping[str, Value], context: Context
) -> tuple[Result, Run | None]:
    run = None
    try:
        run = Run(values, context, cost)
        return Result(step(run)), run
    except Fault as fault:
        at = fault.at or Position(1, 1)
        return Result(None, EvaluationError(fault.code, at.line, at.column)), run


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


class Compiler:
    """Makes steps of nodes. A subclass may wrap every step, as the trace does."""

    def compile(self, node: Node, local: frozenset[str] = _NO_NAMES) -> Step:  # noqa: C901, PLR0911, PLR0912 - one case for each shape
        match node:
            case Literal(value=value):
                return lambda run: value
            case Name(name=name, at=at):
                return _local(name) if name in local else _name(name, at)
            case Field(target=target, name=name, at=at):
                return _located(_field(self.compile(target, local), name), at)
            case Index(target=target, key=key, at=at):
                return _located(_index(self.compile(target, local), self.compile(key, local)), at)
            case Unary(operator="!", operand=operand, at=at):
                return _located(_not(self.compile(operand, local)), at)
            case Unary(operand=operand, at=at):
                return _located(_minus(self.compile(operand, local)), at)
            case Arithmetic(operator=operator, left=left, right=right, at=at):
                return _located(
                    _arithmetic(operator, self.compile(left, local), self.compile(right, local)), at
                )
            case Comparison(left=left, right=right, at=at):
                return _located(_comparison(node, self.compile(left, local), self.compile(right, local)), at)
            case Logical(operator=operator, operands=operands, at=at):
                steps = tuple(self.compile(operand, local) for operand in operands)
                return _located(_any(steps) if operator == "||" else _all(steps), at)
            case Conditional(condition=condition, then=then, otherwise=otherwise, at=at):
                branches = self.compile(then, local), self.compile(otherwise, local)
                return _located(_conditional(self.compile(condition, local), *branches), at)
            case Call(arguments=arguments, at=at):
                return _located(_call(node, tuple(self.compile(each, local) for each in arguments)), at)
            case Comprehension(target=target, variable=variable, body=body, at=at):
                inner = self.compile(body, local | {variable})
                return _located(_comprehension(node, self.compile(target, local), inner), at)
            case ListLiteral(items=items):
                steps = tuple(self.compile(item, local) for item in items)
                return lambda run: tuple([step(run) for step in steps])
            case RecordLiteral(entries=entries, at=at):
                pairs = tuple(
                    (self.compile(key, local), self.compile(value, local)) for key, value in entries
                )
                return _located(_record(pairs), at)


def _located(step: Step, at: Position) -> Step:
    """The innermost node that fails says where."""

    def located(run: Run) -> Value:
        try:
            return step(run)
        except Fault as fault:
            fault.at = fault.at or at
            raise

    return located


def _local(name: str) -> Step:
    return lambda run: run.local[name]


def _name(name: str, at: Position) -> Step:
    def read(run: Run) -> Value:
        if name not in run.values:
            raise Fault(ErrorCode.UNKNOWN_NAME)
        return admitted(run, run.values[name])

    return _located(read, at)


def _field(target: Step, name: str) -> Step:
    """Null where the record is null or has no such field: an answer that was not given."""

    def read(run: Run) -> Value:
        found = target(run)
        if found is None:
            return None
        if isinstance(found, Mapping):
            return found.get(name)
        raise Fault(ErrorCode.TYPE)

    return read


def _index(target: Step, key: Step) -> Step:
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


def _not(operand: Step) -> Step:
    return lambda run: not _truth(operand(run))


def _minus(operand: Step) -> Step:
    return lambda run: negative(operand(run))


def _arithmetic(operator: str, left: Step, right: Step) -> Step:
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


def _comparison(node: Comparison, left: Step, right: Step) -> Step:
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


def _all(steps: tuple[Step, ...]) -> Step:
    def decided(run: Run) -> Value:
        for step in steps:
            if not _truth(step(run)):
                return False
        return True

    return decided


def _any(steps: tuple[Step, ...]) -> Step:
    def decided(run: Run) -> Value:
        for step in steps:
            if _truth(step(run)):
                return True
        return False

    return decided


def _conditional(condition: Step, then: Step, otherwise: Step) -> Step:
    return lambda run: then(run) if _truth(condition(run)) else otherwise(run)


def _call(node: Call, steps: tuple[Step, ...]) -> Step:
    function = FUNCTIONS.get(node.function)
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


def _record(pairs: tuple[tuple[Step, Step], ...]) -> Step:
    def made(run: Run) -> Value:
        result: dict[str, Value] = {}
        for key_step, value_step in pairs:
            key = key_step(run)
            if not isinstance(key, str):
                raise Fault(ErrorCode.TYPE)
            result[key] = value_step(run)
        return result

    return made


def _comprehension(node: Comprehension, target: Step, body: Step) -> Step:
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
        found = outcomes(run, items)
        if node.macro == "map":
            return tuple(found)
        truths = [_truth(outcome) for outcome in found]
        match node.macro:
            case "filter":
                return tuple(item for item, kept in zip(items, truths, strict=True) if kept)
            case "all":
                return all(truths)
            case "exists":
                return any(truths)
            case _:
                return truths.count(True) == 1

    return gathered

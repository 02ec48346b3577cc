"""From tree to value. A tree is compiled once into closures; running them never raises outside here."""

from collections.abc import Mapping
from dataclasses import dataclass

from loket.expressions import steps
from loket.expressions.context import Context, Run
from loket.expressions.faults import EvaluationError, Fault
from loket.expressions.steps import Step
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
)
from loket.expressions.types import Value

_NO_NAMES: frozenset[str] = frozenset()


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


class Compiler:
    """Makes steps of nodes. A subclass may wrap every step, as the trace does."""

    def compile(self, node: Node, local: frozenset[str] = _NO_NAMES) -> Step:
        """`local` are the names that comprehensions around the node have bound."""
        if isinstance(node, Literal):
            return steps.constant(node.value)
        return steps.located(self._step(node, local), node.at)

    def _step(self, node: Node, local: frozenset[str]) -> Step:  # noqa: C901, PLR0911, PLR0912 - a case per shape
        def compiled(*nodes: Node) -> tuple[Step, ...]:
            return tuple(self.compile(each, local) for each in nodes)

        match node:
            case Literal(value=value):
                return steps.constant(value)
            case Name(name=name):
                return steps.local_name(name) if name in local else steps.name(name)
            case Field(target=target, name=name):
                return steps.field(self.compile(target, local), name)
            case Index(target=target, key=key):
                return steps.index(*compiled(target, key))
            case Unary(operator="!", operand=operand):
                return steps.negation(self.compile(operand, local))
            case Unary(operand=operand):
                return steps.minus(self.compile(operand, local))
            case Arithmetic(operator=operator, left=left, right=right):
                return steps.arithmetic(operator, *compiled(left, right))
            case Comparison(left=left, right=right):
                return steps.comparison(node, *compiled(left, right))
            case Logical(operator="||", operands=operands):
                return steps.some(compiled(*operands))
            case Logical(operands=operands):
                return steps.every(compiled(*operands))
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                return steps.conditional(*compiled(condition, then, otherwise))
            case Call(arguments=arguments):
                return steps.call(node.function, compiled(*arguments))
            case Comprehension(target=target, variable=variable, body=body):
                inner = self.compile(body, local | {variable})
                return steps.comprehension(node, self.compile(target, local), inner)
            case ListLiteral(items=items):
                return steps.items(compiled(*items))
            case RecordLiteral(entries=entries):
                keys = compiled(*(key for key, _ in entries))
                return steps.record(tuple(zip(keys, compiled(*(value for _, value in entries)), strict=True)))

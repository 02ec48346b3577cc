"""Why a result is what it is: the tree as it was evaluated, and the sentences that decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from loket.expressions.context import Context, Run
from loket.expressions.evaluation import Compiler, run_steps
from loket.expressions.expression import Expression
from loket.expressions.faults import EvaluationError
from loket.expressions.steps import Step, is_null_literal
from loket.expressions.tree import (
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Field,
    Literal,
    Logical,
    Name,
    Node,
    Unary,
    children,
)
from loket.expressions.types import Value
from loket.expressions.wording import compared_to, described, is_spoken_of
from loket.kernel.text import Message, marked


@dataclass(frozen=True, slots=True)
class Trace:
    """A node, what it came to, and below it the nodes that were looked at (`||` stops at the first yes)."""

    node: Node
    value: Value
    children: tuple["Trace", ...]
    reasons: tuple[Message, ...]
    error: EvaluationError | None = None

    def sentences(self) -> tuple[Message, ...]:
        """What decided, once each and in the order of the source; an error says what stopped it."""
        return self.reasons


def explain(
    expression: Expression,
    values: Mapping[str, Value],
    context: Context,
    labels: Mapping[str, str],
    language: str,
) -> Trace:
    """Never raises. `labels` are in `language`: of names (`income`, `address.city`), options (`years=3`).

    A name whose label is empty is not spoken of; where nothing else is compared, the sentence is left out.
    """
    result, run = run_steps(_Recorder().compile(expression.root), expression.cost, values, context)
    seen = {key: value for key, (_, value) in run.seen.items()} if run else {}
    explainer = _Explainer(seen, labels, language)
    reasons = (result.error.message,) if result.error else explainer.reasons(expression.root)
    top = explainer.trace(expression.root)
    return Trace(expression.root, result.value, top.children, tuple(_once(reasons)), result.error)


def _once(messages: tuple[Message, ...]) -> list[Message]:
    return [message for position, message in enumerate(messages) if message not in messages[:position]]


class _Recorder(Compiler):
    def compile(self, node: Node, local: frozenset[str] = frozenset()) -> Step:
        step = super().compile(node, local)

        def recorded(run: Run) -> Value:
            value = step(run)
            run.seen[id(node)] = (node, value)
            return value

        return recorded


_SENTENCES: Mapping[str, tuple[str, str]] = {
    "==": (marked("%(left)s is %(right)s"), marked("%(left)s is not %(right)s")),
    "<": (marked("%(left)s is below %(right)s"), marked("%(left)s is not below %(right)s")),
    "<=": (marked("%(left)s is at most %(right)s"), marked("%(left)s is above %(right)s")),
    ">": (marked("%(left)s is above %(right)s"), marked("%(left)s is not above %(right)s")),
    ">=": (marked("%(left)s is at least %(right)s"), marked("%(left)s is below %(right)s")),
    "in": (marked("%(left)s is one of: %(right)s"), marked("%(left)s is not one of: %(right)s")),
    "selected": (marked("%(left)s includes %(right)s"), marked("%(left)s does not include %(right)s")),
    "contains": (marked("%(left)s contains %(right)s"), marked("%(left)s does not contain %(right)s")),
    "startsWith": (
        marked("%(left)s starts with %(right)s"),
        marked("%(left)s does not start with %(right)s"),
    ),
    "endsWith": (marked("%(left)s ends with %(right)s"), marked("%(left)s does not end with %(right)s")),
    "matches": (marked("%(left)s has the right form"), marked("%(left)s does not have the right form")),
}
# Time is before and after, not below and above.
_OF_TIME: Mapping[str, tuple[str, str]] = {
    "<": (marked("%(left)s is before %(right)s"), marked("%(left)s is not before %(right)s")),
    "<=": (marked("%(left)s is on or before %(right)s"), marked("%(left)s is after %(right)s")),
    ">": (marked("%(left)s is after %(right)s"), marked("%(left)s is not after %(right)s")),
    ">=": (marked("%(left)s is on or after %(right)s"), marked("%(left)s is before %(right)s")),
}
# “How long?”: 3 years – and not that 3 years is 3 years.
_SAME_AS_WRITTEN = marked("%(left)s")
_ANSWERED = (marked("%(left)s is answered"), marked("%(left)s is not answered"))
_HOLDS = (marked("%(left)s: yes"), marked("%(left)s: no"))


@dataclass(frozen=True, slots=True)
class _Explainer:
    """`seen` is what each node came to, by the node's identity."""

    seen: Mapping[int, Value]
    labels: Mapping[str, str]
    language: str

    def trace(self, node: Node) -> Trace:
        """What happened inside a comprehension differs by item and is left out."""
        below = (node.target,) if isinstance(node, Comprehension) else children(node)
        looked_at = tuple(self.trace(child) for child in below if id(child) in self.seen)
        return Trace(node, self.seen.get(id(node)), looked_at, self.reasons(node))

    def reasons(self, node: Node) -> tuple[Message, ...]:  # noqa: PLR0911 - a case for each shape
        if id(node) not in self.seen:
            return ()
        truth = self.seen[id(node)] is True
        match node:
            case Logical(operator=operator, operands=operands):
                return self._logical(operator, operands, truth)
            case Unary(operator="!", operand=operand):
                return self.reasons(operand)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                return self.reasons(condition) + self.reasons(then) + self.reasons(otherwise)
            case Comparison(left=left, right=right):
                return self._comparison(node, left, right, truth)
            case Call(function="has", arguments=(argument,)):
                return self._about(argument, _ANSWERED[not truth])
            case Call(function=function, arguments=(left, right)) if function in _SENTENCES:
                return self._two_sided(_SENTENCES[function][not truth], left, right)
            case Name() | Field() if isinstance(self.seen[id(node)], bool):
                return self._about(node, _HOLDS[not truth])
            case Name() | Field() if self.seen[id(node)] is None:
                return self._about(node, _ANSWERED[1])
            case _:
                return ()

    def _logical(self, operator: str, operands: tuple[Node, ...], truth: bool) -> tuple[Message, ...]:
        """Of a true && and a false || everything counts; otherwise only what tipped it."""
        everything = truth is (operator == "&&")
        deciding = [
            operand
            for operand in operands
            if id(operand) in self.seen and (everything or (self.seen[id(operand)] is True) is truth)
        ]
        return tuple(reason for operand in deciding for reason in self.reasons(operand))

    def _comparison(self, node: Comparison, left: Node, right: Node, truth: bool) -> tuple[Message, ...]:
        if node.operator in ("==", "!="):
            same = truth is (node.operator == "==")
            for side, other in ((left, right), (right, left)):
                if is_null_literal(other):
                    return self._about(side, _ANSWERED[same])
            written = same and (isinstance(left, Literal) or isinstance(right, Literal))
            if written and isinstance(left, Literal):
                left, right = right, left
            return self._two_sided(_SAME_AS_WRITTEN if written else _SENTENCES["=="][not same], left, right)
        of_time = isinstance(self.seen.get(id(left)), date) and node.operator in _OF_TIME
        sentences = _OF_TIME if of_time else _SENTENCES
        return self._two_sided(sentences[node.operator][not truth], left, right)

    def _two_sided(self, msgid: str, left: Node, right: Node) -> tuple[Message, ...]:
        missing = [side for side in (left, right) if self.seen.get(id(side)) is None]
        if missing:
            return tuple(reason for side in missing for reason in self._about(side, _ANSWERED[1]))
        if isinstance(left, Literal) and isinstance(self.seen[id(right)], bool):
            left, right = right, left
        if isinstance(self.seen[id(left)], bool):
            return self._about(left, _HOLDS[self.seen[id(left)] is not True])
        if not (is_spoken_of(left, self.labels) or is_spoken_of(right, self.labels)):
            return ()
        return (Message(msgid, {"left": self._side(left, right), "right": self._side(right, left)}),)

    def _side(self, node: Node, other: Node) -> str:
        value = self.seen[id(node)]
        option = compared_to(node, other, value, self.labels, self.language)
        return self._described(node, value) if option is None else option

    def _about(self, node: Node, msgid: str) -> tuple[Message, ...]:
        if not is_spoken_of(node, self.labels):
            return ()
        return (Message(msgid, {"left": self._described(node, None)}),)

    def _described(self, node: Node, value: Value) -> str:
        return described(node, value, self.seen, self.labels, self.language)

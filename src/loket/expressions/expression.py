"""Expressions: parsed once, evaluated often."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from loket.expressions.context import Context
from loket.expressions.evaluation import Compiler, Result, run_steps
from loket.expressions.parsing import read_tree
from loket.expressions.steps import Step
from loket.expressions.tree import Comprehension, Node, children, path
from loket.expressions.types import Value


@dataclass(frozen=True, slots=True)
class Expression:
    """`names` are the roots it reads (`address`), `paths` all it reads of them (`address.city`).

    Two expressions are equal when their source is.
    """

    source: str
    root: Node = field(repr=False, compare=False)
    names: frozenset[str] = field(compare=False)
    paths: frozenset[str] = field(compare=False)
    cost: int = field(repr=False, compare=False)
    step: Step = field(repr=False, compare=False)


def parse(source: str) -> Expression:
    """Raises SyntaxProblem, also for a source that is too long or nested too deeply."""
    root = read_tree(source)
    paths = frozenset(_paths(root, frozenset()))
    names = frozenset(found.partition(".")[0] for found in paths)
    return Expression(source, root, names, paths, _size(root), Compiler().compile(root))


def evaluate(expression: Expression, values: Mapping[str, Value], context: Context) -> Result:
    """Never raises; what goes wrong is in the result's `error`."""
    return run_steps(expression.step, expression.cost, values, context)[0]


def _size(node: Node) -> int:
    return 1 + sum(map(_size, children(node)))


def _paths(node: Node, local: frozenset[str]) -> Iterator[str]:
    found = path(node)
    if found:
        if found.partition(".")[0] not in local:
            yield found
    elif isinstance(node, Comprehension):
        yield from _paths(node.target, local)
        yield from _paths(node.body, local | {node.variable})
    else:
        for child in children(node):
            yield from _paths(child, local)

"""Decision tables: parsed once, asked often."""

from collections.abc import Mapping
from dataclasses import dataclass

from loket import expressions
from loket.decisions.definition import Hit, Rule, Table
from loket.decisions.types import DecisionFault, FaultCode, TableTrace, Tried
from loket.expressions import Context, Expression, Value


@dataclass(frozen=True, slots=True)
class CompiledRule:
    definition: Rule
    when: Expression | None
    gives: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """`names` are the roots that its cells read."""

    key: str
    hit: Hit
    rules: tuple[CompiledRule, ...]
    outputs: tuple[str, ...]
    names: frozenset[str]

    @property
    def part(self) -> str:
        return f"tables.{self.key}"


@dataclass(frozen=True, slots=True)
class Answered:
    """A table's outputs as a record, and how they came about."""

    outputs: Mapping[str, Value]
    trace: TableTrace
    faults: tuple[DecisionFault, ...]


def compile_table(key: str, table: Table) -> CompiledTable:
    """Raises SyntaxProblem; publishing has made sure that there is none."""
    rules = tuple(_compiled(rule) for rule in table.rules)
    cells = [cell for rule in rules for cell in (rule.when, *rule.gives.values()) if cell is not None]
    names = frozenset(name for cell in cells for name in cell.names)
    return CompiledTable(key, table.hit, rules, tuple(table.rules[0].gives), names)


def answer(table: CompiledTable, values: Mapping[str, Value], context: Context) -> Answered:
    """Never raises. A `when` that can't be worked out counts as not met, and is a fault.

    Where no rule of a `first` table fits, every output is null, and that is a fault too.
    """
    faults: list[DecisionFault] = []
    tried: list[Tried] = []
    given: list[Mapping[str, Value]] = []
    for number, rule in enumerate(table.rules):
        fits = rule.when is None or _value(table, rule.when, values, context, faults) is True
        tried.append(Tried(number, fits))
        if fits:
            given.append(
                {name: _value(table, cell, values, context, faults) for name, cell in rule.gives.items()}
            )
            if table.hit is Hit.FIRST:
                break
    trace = TableTrace(table.key, tuple(tried))
    if table.hit is Hit.COLLECT:
        return Answered(_collected(table, given), trace, tuple(faults))
    if not given:
        faults.append(DecisionFault(table.part, FaultCode.NO_RULE))
    return Answered(given[0] if given else dict.fromkeys(table.outputs), trace, tuple(faults))


def _collected(table: CompiledTable, given: list[Mapping[str, Value]]) -> Mapping[str, Value]:
    return {name: tuple(row[name] for row in given) for name in table.outputs}


def _compiled(rule: Rule) -> CompiledRule:
    when = None if rule.when is None else expressions.parse(rule.when)
    return CompiledRule(rule, when, {name: expressions.parse(cell) for name, cell in rule.gives.items()})


def _value(
    table: CompiledTable,
    cell: Expression,
    values: Mapping[str, Value],
    context: Context,
    faults: list[DecisionFault],
) -> Value:
    result = expressions.evaluate(cell, values, context)
    if result.error is not None:
        faults.append(DecisionFault(table.part, FaultCode.EXPRESSION, result.error.code))
    return result.value

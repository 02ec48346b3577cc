"""The decisions of a service: its tables, fees and waivers, asked about one application."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial, reduce
from typing import TypeVar

from loket import expressions
from loket.decisions.amounts import MOST, Unusable, amount_of, part_of, share_of
from loket.decisions.definition import Fee, Table, Waiver
from loket.decisions.proof import ANY_TIME, tells_time
from loket.decisions.tables import CompiledTable, answer, compile_table
from loket.decisions.types import (
    Assessment,
    DecisionFault,
    Facts,
    FaultCode,
    Line,
    TableTrace,
    Unproved,
    Waived,
)
from loket.expressions import Context, Expression, Value
from loket.kernel.money import Money

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CompiledFee:
    definition: Fee
    amount: Expression
    when: Expression | None

    @property
    def part(self) -> str:
        return f"fees.{self.definition.id}"

    @property
    def constant(self) -> Money | None:
        """What everybody pays at any time; None where that depends on something."""
        if self.when is not None or self.amount.names or tells_time(self.amount):
            return None
        told = self.definition
        read = partial(amount_of, currency=told.currency, step=told.round)
        return _read(self.part, self.amount, read, {}, ANY_TIME, [])


@dataclass(frozen=True, slots=True)
class CompiledWaiver:
    definition: Waiver
    share: Expression

    @property
    def part(self) -> str:
        return f"waivers.{self.definition.id}"


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that a service decides by itself. `charging` are the tables on which fees or waivers depend."""

    tables: tuple[CompiledTable, ...] = ()
    fees: tuple[CompiledFee, ...] = ()
    waivers: tuple[CompiledWaiver, ...] = ()
    charging: frozenset[str] = frozenset()


def compile_decisions(
    tables: Mapping[str, Table], fees: Iterable[Fee] = (), waivers: Iterable[Waiver] = ()
) -> Decisions:
    """Done once per version. Raises SyntaxProblem; publishing has made sure that there is none."""
    ready = tuple(compile_table(key, table) for key, table in tables.items())
    charged = tuple(
        CompiledFee(
            fee, expressions.parse(fee.amount), None if fee.when is None else expressions.parse(fee.when)
        )
        for fee in fees
    )
    waived = tuple(CompiledWaiver(waiver, expressions.parse(waiver.share)) for waiver in waivers)
    cells = [cell for fee in charged for cell in (fee.amount, fee.when) if cell is not None]
    cells += [waiver.share for waiver in waived]
    return Decisions(ready, charged, waived, needed(ready, (name for cell in cells for name in cell.names)))


def needed(tables: Iterable[CompiledTable], names: Iterable[str]) -> frozenset[str]:
    """The tables among `names`, and those that these depend on."""
    wanted = set(names)
    found: set[str] = set()
    # A table may use only those before it, so one pass from the end finds all.
    for table in reversed(tuple(tables)):
        if table.key in wanted:
            found.add(table.key)
            wanted |= table.names
    return frozenset(found)


def facts(decisions: Decisions, bindings: Mapping[str, Value], context: Context) -> Facts:
    """The bindings with every table's outputs under its key, in the pack's order. Never raises."""
    if not decisions.tables:
        return Facts(bindings)
    values: dict[str, Value] = dict(bindings)
    traces: list[TableTrace] = []
    faults: list[DecisionFault] = []
    for table in decisions.tables:
        answered = answer(table, values, context)
        values[table.key] = answered.outputs
        traces.append(answered.trace)
        faults += answered.faults
    return Facts(values, tuple(traces), tuple(faults))


def assess(decisions: Decisions, found: Facts, context: Context) -> Assessment:
    """What is to be paid, from `facts`. Never raises: what can't be worked out is a fault.

    Waivers each take their share off what a fee asks for, and together never more than that, so their
    order changes nothing but who of them is named for the last cent.
    """
    if not decisions.fees:
        return Assessment()
    traces = tuple(trace for trace in found.traces if trace.table in decisions.charging)
    charging = {f"tables.{key}" for key in decisions.charging}
    faults = [fault for fault in found.faults if fault.part in charging]
    due = _due(decisions.fees, found.values, context, faults)
    shares = _shares(decisions.waivers, found.values, context, faults) if due else []
    if faults or not due:
        return Assessment(traces=traces, faults=tuple(faults))
    return _charged(due, shares, found.values, traces)


def _charged(
    due: list[tuple[Fee, Money]],
    shares: list[tuple[Waiver, Decimal]],
    values: Mapping[str, Value],
    traces: tuple[TableTrace, ...],
) -> Assessment:
    lines = [Line(fee.id, fee.label, amount) for fee, amount in due]
    waived: list[Waived] = []
    unproved: list[Unproved] = []
    left = {fee.id: amount for fee, amount in due}
    for waiver, share in shares:
        asked = {fee.id: amount for fee, amount in due if not waiver.of or fee.id in waiver.of}
        if not share or not any(amount.amount for amount in asked.values()):
            continue
        if waiver.proof is not None and not values.get(waiver.proof):
            unproved.append(Unproved(waiver.id, waiver.label, share, waiver.proof))
            continue
        off = Money(Decimal(0), due[0][1].currency)
        for fee_id, amount in asked.items():
            part = min(part_of(amount, share), left[fee_id], key=lambda money: money.amount)
            left[fee_id] -= part
            off += part
        waived.append(Waived(waiver.id, waiver.label, share, off))
        lines.append(Line(waiver.id, waiver.label, Money(-off.amount, off.currency)))
    total = reduce(Money.__add__, (line.amount for line in lines))
    return Assessment(tuple(lines), total, tuple(waived), tuple(unproved), traces)


def _due(
    fees: tuple[CompiledFee, ...], values: Mapping[str, Value], context: Context, faults: list[DecisionFault]
) -> list[tuple[Fee, Money]]:
    """The fees that apply, all in one currency and together no absurd sum."""
    due: list[tuple[Fee, Money]] = []
    for fee in fees:
        told = fee.definition
        if fee.when is not None and not _read(fee.part, fee.when, _is_true, values, context, faults):
            continue
        read = partial(amount_of, currency=told.currency, step=told.round)
        amount = _read(fee.part, fee.amount, read, values, context, faults)
        if amount is None:
            continue
        if due and amount.currency != due[0][1].currency:
            faults.append(DecisionFault(fee.part, FaultCode.CURRENCY))
        elif amount.amount + sum(asked.amount for _, asked in due) > MOST:
            faults.append(DecisionFault(fee.part, FaultCode.AMOUNT_TOO_LARGE))
        else:
            due.append((told, amount))
    return due


def _shares(
    waivers: tuple[CompiledWaiver, ...],
    values: Mapping[str, Value],
    context: Context,
    faults: list[DecisionFault],
) -> list[tuple[Waiver, Decimal]]:
    return [
        (
            waiver.definition,
            _read(waiver.part, waiver.share, share_of, values, context, faults) or Decimal(0),
        )
        for waiver in waivers
    ]


def _read(
    part: str,
    expression: Expression,
    read: Callable[[Value], _T],
    values: Mapping[str, Value],
    context: Context,
    faults: list[DecisionFault],
) -> _T | None:
    """What `read` makes of the value; None where it can't, which is a fault."""
    result = expressions.evaluate(expression, values, context)
    if result.error is not None:
        faults.append(DecisionFault(part, FaultCode.EXPRESSION, result.error.code))
        return None
    try:
        return read(result.value)
    except Unusable as wrong:
        faults.append(DecisionFault(part, wrong.code))
        return None


def _is_true(value: Value) -> bool:
    """Publishing has made sure that it is yes, no or nothing."""
    return value is True

"""Why something was decided or charged, rule by rule, with the answers that each rule looked at.

Made when it is decided, and kept: answers change, and so does what day it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from loket import expressions
from loket.catalogue.compiled import CompiledService
from loket.decisions.definition import Fee, Waiver
from loket.decisions.engine import needed
from loket.decisions.types import Assessment, Facts, TableTrace
from loket.expressions import Context, Expression
from loket.kernel.definition import LocalText
from loket.kernel.text import Message, in_language
from loket.workflow.definition import Automatic, Workflow
from loket.workflow.engine import Move, parsed

_STAGES, _TABLES, _FEES, _WAIVERS = "stages", "tables", "fees", "waivers"
_QUOTED = "“{}”"


@dataclass(frozen=True, slots=True)
class Told:
    """A rule by its number from 0, whether it fits, and what was seen; sentences still to be translated."""

    number: int
    fits: bool
    seen: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`part` is `stages.sort`, `tables.help`, `fees.renewal` or `waivers.poor`."""

    part: str
    rules: tuple[Told, ...]


def of_move(
    service: CompiledService, facts: Facts, move: Move, context: Context, language: str
) -> tuple[Explanation, ...]:
    """The tables that decided where an automatic stage leads, then the stage's own choices."""
    speak = _Speaker(facts, context, labels(service, language), language)
    found: list[Explanation] = []
    told: set[str] = set()
    for branch in move.branches:
        stage = service.workflow.stages[branch.stage]
        if not isinstance(stage, Automatic):
            continue
        guards = [
            None if choice.when is None else parsed(choice.when)
            for choice in stage.branches[: len(branch.tried)]
        ]
        names = {name for guard in guards if guard for name in guard.names} - told
        found += _tables(service, facts.traces, names, speak)
        told |= names
        rules = tuple(
            Told(number, fits, speak.reasons(guard))
            for number, (fits, guard) in enumerate(zip(branch.tried, guards, strict=True))
        )
        found.append(Explanation(f"{_STAGES}.{branch.stage}", rules))
    return tuple(found)


def of_fee(
    service: CompiledService, facts: Facts, assessment: Assessment, context: Context, language: str
) -> tuple[Explanation, ...]:
    """What the amounts and the waivers depend on; empty where everybody pays the same."""
    speak = _Speaker(facts, context, labels(service, language), language)
    charged = {line.id for line in assessment.lines if line.amount.amount > 0}
    given = {waiver.id for waiver in assessment.waived}
    fees = [fee for fee in service.decisions.fees if fee.definition.id in charged]
    # Also those that gave nothing: why not is what people ask.
    waivers = [
        waiver
        for waiver in service.decisions.waivers
        if charged.intersection(waiver.definition.of or charged)
    ]
    cells = [cell for fee in fees for cell in (fee.when, fee.amount) if cell is not None]
    names = {name for cell in (*cells, *(waiver.share for waiver in waivers)) for name in cell.names}
    found = list(_tables(service, assessment.traces, names, speak))
    for fee in fees:
        seen = speak.reasons(fee.when) + speak.reasons(fee.amount)
        if seen:
            found.append(Explanation(fee.part, (Told(0, True, seen),)))
    for waiver in waivers:
        told = Told(0, waiver.definition.id in given, speak.reasons(waiver.share))
        found.append(Explanation(waiver.part, (told,)))
    return tuple(found)


def because(service: CompiledService, part: str, number: int) -> LocalText:
    """The rule in the pack's words; empty where the pack has none."""
    kind, _, key = part.partition(".")
    told = service.service
    found: Mapping[str, LocalText] = {}
    if kind == _STAGES:
        return _of_choice(service.workflow, key, number)
    if kind == _TABLES and key in told.tables:
        rules = told.tables[key].rules
        return rules[number].because if number < len(rules) else {}
    if kind in (_FEES, _WAIVERS):
        parts: tuple[Fee | Waiver, ...] = told.fees if kind == _FEES else told.waivers
        found = {each.id: each.label for each in parts}
    return found.get(key, {})


def labels(service: CompiledService, language: str) -> Mapping[str, str]:
    """Questions quoted, options and calculated values by their labels; what has none isn’t spoken of."""
    found: dict[str, str] = {}
    for name, question in service.form.questions.items():
        if not question.kind.asks:
            continue
        definition = question.definition
        quoted = _QUOTED.format(in_language(definition.label, language))
        found[name] = quoted
        for field in service.form.types[name].fields or ():
            found[f"{name}.{field}"] = quoted
        for option in getattr(definition, "options", ()):
            found[f"{name}={option.value}"] = in_language(option.label, language)
    for calculated in service.form.definition.calculated:
        found[calculated.id] = in_language(calculated.label or {}, language)
    for table in service.decisions.tables:
        found[table.key] = ""
        found |= {f"{table.key}.{output}": "" for output in table.outputs}
    return found


@dataclass(frozen=True, slots=True)
class _Speaker:
    facts: Facts
    context: Context
    labels: Mapping[str, str]
    language: str

    def reasons(self, expression: Expression | None) -> tuple[Message, ...]:
        if expression is None:
            return ()
        trace = expressions.explain(expression, self.facts.values, self.context, self.labels, self.language)
        return trace.sentences()


def _tables(
    service: CompiledService, traces: Iterable[TableTrace], names: Iterable[str], speak: _Speaker
) -> Iterator[Explanation]:
    """Those among `names`, after those that they depend on."""
    wanted = needed(service.decisions.tables, names)
    rules = {table.key: table.rules for table in service.decisions.tables}
    for trace in traces:
        if trace.table in wanted:
            yield Explanation(
                f"{_TABLES}.{trace.table}",
                tuple(
                    Told(tried.number, tried.fits, speak.reasons(rules[trace.table][tried.number].when))
                    for tried in trace.tried
                ),
            )


def _of_choice(workflow: Workflow, stage: str, number: int) -> LocalText:
    """Without words of its own, a choice is known by where it leads."""
    here = workflow.stages.get(stage)
    if not isinstance(here, Automatic) or number >= len(here.branches):
        return {}
    choice = here.branches[number]
    target = workflow.stages.get(choice.to)
    return choice.because or (target.label if target else {})

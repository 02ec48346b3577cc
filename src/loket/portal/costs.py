"""What a service costs: in general before starting, and for one application before it is sent."""

from collections.abc import Callable
from dataclasses import dataclass

from loket.catalogue import explaining
from loket.catalogue.compiled import CompiledService
from loket.forms.journey import Journey
from loket.forms.types import JourneyContext
from loket.web.why import RuleShown
from loket.web.words import amount, language, local_text, say


@dataclass(frozen=True, slots=True)
class FeeTold:
    """`amount` is empty where it depends on answers; then `says` tells what may have to be paid."""

    label: str
    amount: str
    says: str


@dataclass(frozen=True, slots=True)
class WaiverTold:
    """`proof` is the question under which the file is asked for; empty where none is."""

    label: str
    proof: str


@dataclass(frozen=True, slots=True)
class Unproved:
    """A waiver that a file is missing for; `change` is where to add it."""

    label: str
    question: str
    change: str


@dataclass(frozen=True, slots=True)
class CostLine:
    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class Cost:
    """`unknown`: it could not be worked out, so nothing is asked for."""

    lines: tuple[CostLine, ...]
    total: str
    unproved: tuple[Unproved, ...]
    why: tuple[RuleShown, ...]
    unknown: bool = False


def fees_told(service: CompiledService) -> tuple[FeeTold, ...]:
    return tuple(
        FeeTold(
            local_text(fee.definition.label),
            amount(fee.constant) if fee.constant else "",
            local_text(fee.definition.says),
        )
        for fee in service.decisions.fees
    )


def waivers_told(service: CompiledService) -> tuple[WaiverTold, ...]:
    return tuple(
        WaiverTold(local_text(waiver.label), _question(service, waiver.proof))
        for waiver in service.service.waivers
    )


def cost_of(
    service: CompiledService, journey: Journey, context: JourneyContext, page_address: Callable[[str], str]
) -> Cost | None:
    """None where no fee applies. `page_address` is where a page of the form can be changed."""
    if not service.decisions.fees:
        return None
    facts = service.decided(journey, context)
    found = service.assess(facts, context)
    if found.faults:
        return Cost((), "", (), (), unknown=True)
    if found.total is None:
        return None
    whys = explaining.of_fee(service, facts, found, context.evaluating(), language())
    shown = {row.question.id for row in journey.rows}
    questions = service.form.questions
    return Cost(
        lines=tuple(CostLine(local_text(line.label), amount(line.amount)) for line in found.lines),
        total=amount(found.total),
        unproved=tuple(
            Unproved(
                local_text(refused.label),
                _question(service, refused.proof),
                page_address(questions[refused.proof].page_id) if refused.proof in shown else "",
            )
            for refused in found.unproved
        ),
        why=tuple(
            RuleShown(
                local_text(explaining.because(service, why.part, rule.number)),
                rule.fits,
                tuple(say(sentence) for sentence in rule.seen),
                why.part.startswith("waivers."),
            )
            for why in whys
            for rule in why.rules
        ),
    )


def _question(service: CompiledService, name: str | None) -> str:
    known = service.form.questions
    return local_text(known[name].definition.label) if name is not None and name in known else ""

"""`ask`: the decision asks for a payment, by a link.

    ask: {amount: fine.amount * 0.5, within: {days: 14}}

`amount` is an expression over the answers and tables that gives money. Where the application looked up a
bill, paying settles the bill.
"""

import logging
from collections.abc import Collection
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from loket import expressions
from loket.applications.drafts import journey_context
from loket.applications.queries import bill_in
from loket.casework import sealing, timeline
from loket.casework.actions import moving
from loket.casework.models import CaseEvent
from loket.casework.registry import Occasion
from loket.casework.types import Happened
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.kernel.text import in_language
from loket.payments import actions as payments
from loket.payments.types import Line, SubjectKind
from loket.privacy import actions as privacy
from loket.workflow.definition import Term
from loket.workflow.terms import deadline

_log = logging.getLogger(__name__)


class Asking(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: str
    within: Term


class Ask:
    """Asks once for each event that causes it; the applicant's letter has the link."""

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        try:
            expressions.parse(Asking.model_validate(argument).amount)
        except ValidationError as problem:
            return tuple(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors())
        except expressions.SyntaxProblem as problem:
            return (problem.message.msgid % problem.message.params,)
        return ()

    def perform(self, occasion: Occasion, argument: JsonValue) -> None:
        asking, case, now = Asking.model_validate(argument), occasion.case, occasion.now
        amount = _amount(occasion, asking.amount)
        if amount is None:
            # Nobody is charged where nobody knows how much; the office sees the case and can ask.
            _log.error("ask_not_worked_out case=%s event=%s", case.id, occasion.event.id)
            return
        agency, title = identity.agency_known(case.agency_id), occasion.service.title
        payments.ask(
            agency_id=case.agency_id,
            subject_kind=SubjectKind.CASE,
            subject_id=case.id,
            key=f"case:{case.id}:{occasion.event.id}",
            reference=case.reference,
            title=title,
            lines=[Line(title, amount)],
            expires_at=deadline(asking.within, now, agency.calendar, ZoneInfo(agency.timezone)),
            bill_id=bill_in(occasion.answers),
            by=SYSTEM,
            now=now,
        )
        _tell(occasion, amount)


def _amount(occasion: Occasion, source: str) -> Money | None:
    agency = identity.agency_known(occasion.case.agency_id)
    context = journey_context(agency, occasion.case.language, occasion.now)
    facts = occasion.service.facts(Journey(occasion.service.form, occasion.answers, context), context)
    result = expressions.evaluate(expressions.parse(source), facts, context.evaluating())
    if result.error or not isinstance(result.value, Money) or result.value.rounded().amount <= 0:
        return None
    return result.value.rounded()


def _tell(occasion: Occasion, amount: Money) -> None:
    """By an event of its own, which the worker follows up with the letter."""
    case = occasion.case
    what = in_language(occasion.service.title, case.language)
    details = {"amount": str(amount.amount), "currency": amount.currency, "what": what}
    event = CaseEvent.objects.create(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        happened=Happened.PAYMENT_ASKED,
        at=occasion.now,
        actor_kind=SYSTEM.kind,
        sealed_details=sealing.seal(privacy.open_key(case.key_id), case, timeline.MONEY, details),
        settles_at=occasion.now,
    )
    moving.follow_up_later(event)


effect = Ask()

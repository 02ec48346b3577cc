"""`ask`: the decision asks for a payment, by a link.

    ask: {amount: fine.amount * 0.5, within: {days: 14}}

`amount` is an expression over the answers and tables that gives money. Where the application looked up a
bill, paying settles the bill.
"""

import logging
from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from loket import expressions
from loket.applications.drafts import journey_context
from loket.applications.queries import bill_in
from loket.casework.actions import paying
from loket.casework.registry import Occasion
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments.types import Line
from loket.workflow.definition import Term

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
        paying.ask_besides(
            case,
            line=Line(occasion.service.title, amount),
            title=occasion.service.title,
            once=str(occasion.event.id),
            within=asking.within,
            bill_id=bill_in(occasion.answers),
            by=SYSTEM,
            now=now,
        )


def _amount(occasion: Occasion, source: str) -> Money | None:
    agency = identity.agency_known(occasion.case.agency_id)
    context = journey_context(agency, occasion.case.language, occasion.now)
    facts = occasion.service.facts(Journey(occasion.service.form, occasion.answers, context), context)
    result = expressions.evaluate(expressions.parse(source), facts, context.evaluating())
    if result.error or not isinstance(result.value, Money) or result.value.rounded().amount <= 0:
        return None
    return result.value.rounded()


effect = Ask()

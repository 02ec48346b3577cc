"""What follows from an event once it has settled: its effects, and telling the applicant."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.casework import addressing, collecting, letters, money_letters, papers, sealing, timeline
from loket.casework.actions import paying
from loket.casework.models import Case, CaseEvent
from loket.casework.registry import EFFECTS, Occasion
from loket.casework.stages import AWAITING_PAYMENT, LAPSED_UNPAID, PAID_ELSEWHERE
from loket.casework.types import Happened, Phase
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Channel
from loket.identity import queries as identity
from loket.kernel import rows
from loket.kernel.actors import SYSTEM
from loket.kernel.prepared import Prepared
from loket.notifications.types import RenderedText
from loket.payments.types import CloseReason
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.workflow.definition import Applicant

# Nearly all that is followed up happened in a case that is open: both are read and locked in one statement.
_IN_OPEN_CASE = Prepared(
    lambda event_id: (
        CaseEvent.objects.select_for_update(of=("self", "case"))
        .select_related("case")
        .filter(id=event_id)
        .exclude(case__phase=Phase.CLOSED)[:1]
    )
)
_EVENT = Prepared(lambda event_id: CaseEvent.objects.select_for_update().filter(id=event_id)[:1])
_CASE = Prepared(lambda case_id: Case.objects.select_for_update().filter(id=case_id)[:1])


# Whoever calls it in a transaction of their own gives that up where it fails: a savepoint would save nothing.
@transaction.atomic(savepoint=False)
def follow_up(*, event_id: UUID, now: datetime) -> bool:
    """Performs the event's effects and tells the applicant, once; False where there is nothing to do.

    An event that was undone, or whose case was erased, is left alone. Effects are database writes in this
    transaction, so they happen exactly once; sending is a job of its own.
    """
    in_open_case = _IN_OPEN_CASE.first(event_id)
    event = in_open_case or _EVENT.first(event_id)
    if event is None or event.followed_up_at or event.undone_at:
        return False
    case = in_open_case.case if in_open_case else _closed_case(event, now)
    if case is None or case.erased_at:
        return False
    service = catalogue.compiled(case.version_id)
    key = privacy.open_key(case.key_id)
    _perform(case, event, service, key, now)
    if event.to_stage == AWAITING_PAYMENT:
        paying.plan_reminder(case, service, now)
    papers.ask_after(case, event, service, now)
    collecting.follow_up(case, event, service, key, now)
    _tell(case, event, service, key, now)
    event.followed_up_at = now
    rows.update(event, "followed_up_at")
    return True


def _closed_case(event: CaseEvent, now: datetime) -> Case | None:
    """The case of an event that found it closed, locked; what was asked for in it is asked for no more.

    Before the case is locked, as wherever money comes.
    """
    over_since = paying.over_since(event.case_id)
    if over_since is not None:
        paying.close_open_payments(
            event.case_id, CloseReason.CANCELLED, by=SYSTEM, now=now, asked_before=over_since
        )
    return _CASE.first(event.case_id)


def settle(*, now: datetime) -> int:
    """Follows up every event that has settled by `now`, oldest first; says how many.

    What the jobs do one by one; for loading samples, and for catching up after the queue was lost.
    """
    waiting = CaseEvent.objects.filter(
        settles_at__lte=now, followed_up_at=None, undone_at=None, case__erased_at=None
    )
    ids = list(waiting.order_by("settles_at", "id").values_list("id", flat=True))
    return sum(follow_up(event_id=event_id, now=now) for event_id in ids)


def _perform(case: Case, event: CaseEvent, service: CompiledService, key: DataKey, now: datetime) -> None:
    if not event.effects:
        return
    occasion = Occasion(
        case=case, event=event, service=service, answers=sealing.answers_of(key, case, service), now=now
    )
    for call in event.effects:
        EFFECTS[call["key"]].perform(occasion, call["argument"])


def _tell(case: Case, event: CaseEvent, service: CompiledService, key: DataKey, now: datetime) -> None:
    contact = sealing.contact_of(key, case)
    if contact.channel is Channel.NONE:
        return
    text = _text(addressing.as_written_to(case, contact, service), event, service, key)
    if text is None:
        return
    addressing.write_to(
        case,
        contact,
        text,
        purpose=letters.ARRIVED if event.happened == Happened.ARRIVED else "stage_changed",
        # Whoever just sent something waits for the answer, at whatever hour.
        urgent=event.happened in {Happened.SUBMITTED, Happened.ANSWERED},
        once=f"event:{event.id}",
        key=key,
        now=now,
    )


def _text(case: Case, event: CaseEvent, service: CompiledService, key: DataKey) -> RenderedText | None:
    """What the applicant is told; None where there is nothing to tell, or no longer."""
    agency = identity.agency_known(case.agency_id)
    money = timeline.money_of(case, event, key)
    if money is not None:
        return money_letters.told_of(case, event, service, agency, money)
    if event.to_stage == AWAITING_PAYMENT:
        return money_letters.fee_due(case, service, agency)
    if event.to_stage == LAPSED_UNPAID:
        return money_letters.lapsed(case, service, agency)
    if event.to_stage == PAID_ELSEWHERE:
        return money_letters.paid_elsewhere(case, service, agency)
    if event.happened in timeline.STAYING:
        is_there = collecting.still_there(case, event)
        return collecting.letter(case, event, service, agency, key) if is_there else None
    stage = service.workflow.stages[event.to_stage]
    # Whoever answered before the letter went out is not asked for what they gave.
    passed = isinstance(stage, Applicant) and timeline.moved_since(event)
    return None if stage.silent or passed else letters.stage_reached(case, event, service, agency)

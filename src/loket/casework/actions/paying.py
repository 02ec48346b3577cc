"""A case and its fee: it waits for the money, begins when that came, is given up when it does not come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from loket.applications.drafts import journey_context
from loket.audit import actions as audit
from loket.casework import announcing, explaining, reminding, sealing, timeline
from loket.casework.actions import moving
from loket.casework.models import Case, CaseEvent
from loket.casework.promise import promised_by
from loket.casework.stages import AWAITING_PAYMENT, LAPSED_UNPAID, PAID_ELSEWHERE
from loket.casework.types import Happened, LocalText, Phase, ReminderKind
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.decisions.types import Line as AssessedLine
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel.actors import APPLICANT, SYSTEM, Actor
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.kernel.prepared import Prepared
from loket.kernel.text import in_language
from loket.payments import actions as payments
from loket.payments import queries as paid
from loket.payments.events import BillPaidByAnother, MoneyReturned, PaymentLapsed, PaymentReceived
from loket.payments.types import CloseReason, Line, SubjectKind
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.workflow import engine
from loket.workflow.definition import Outcome, Term
from loket.workflow.engine import Move
from loket.workflow.terms import deadline

_IN_THE_MORNING = time(9)
_CLOSED_AT = Prepared(
    lambda case_id: Case.objects.filter(id=case_id, phase=Phase.CLOSED).values_list("closed_at", flat=True)[
        :1
    ]
)


def wait_for_fee(
    case: Case,
    service: CompiledService,
    agency: AgencyView,
    lines: Sequence[AssessedLine],
    *,
    bill_id: UUID | None,
    now: datetime,
) -> None:
    """Asks for the fee (1 statement) and lets the case wait where it would have begun. Doesn't save it.

    No promise runs: until it is paid, the case is due when its time to be paid ends.
    """
    case.stage, case.phase = AWAITING_PAYMENT, Phase.UNPAID
    case.closed_at, case.outcome = None, ""
    case.due_at = case.stage_due_at = deadline(
        service.service.payment.within, now, agency.calendar, ZoneInfo(agency.timezone)
    )
    payments.ask(
        agency_id=agency.id,
        subject_kind=SubjectKind.CASE,
        subject_id=case.id,
        key=f"case:{case.id}:fee",
        reference=case.reference,
        title=service.title,
        lines=[Line(line.label, line.amount) for line in lines],
        expires_at=case.stage_due_at,
        bill_id=bill_id,
        by=APPLICANT,
        now=now,
    )


def ask_besides(
    case: Case,
    *,
    line: Line,
    title: LocalText,
    once: str,
    within: Term,
    by: Actor,
    now: datetime,
    bill_id: UUID | None = None,
) -> UUID:
    """Asks for a payment besides the fee, and has the applicant told by a job; the payment.

    Under the same `once` it is asked for, and told, only the first time.
    """
    agency = identity.agency_known(case.agency_id)
    before = {one.id for one in paid.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)}
    payment_id = payments.ask(
        agency_id=case.agency_id,
        subject_kind=SubjectKind.CASE,
        subject_id=case.id,
        key=f"case:{case.id}:{once}",
        reference=case.reference,
        title=title,
        lines=[line],
        expires_at=deadline(within, now, agency.calendar, ZoneInfo(agency.timezone)),
        bill_id=bill_id,
        by=by,
        now=now,
    )
    if payment_id not in before:
        what = in_language(line.label, case.language)
        told = _sealed(privacy.open_key(case.key_id), case, line.amount, what=what)
        _note(case, Happened.PAYMENT_ASKED, told, by=by, now=now)
        audit.record("case.payment_asked", by=by, about=f"case:{case.reference}", now=now)
    return payment_id


def plan_reminder(case: Case, service: CompiledService, now: datetime) -> None:
    """Plans the message that comes before the time to pay is over, where the pack wants one."""
    remind = service.service.payment.remind
    if remind is None or case.phase != Phase.UNPAID or case.stage_due_at is None:
        return
    agency = identity.agency_known(case.agency_id)
    reminding.plan(
        case=case,
        kind=ReminderKind.UNPAID,
        due_at=_before(case.stage_due_at, remind, agency),
        ends_at=case.stage_due_at,
        now=now,
    )


def take_payment(received: PaymentReceived) -> None:
    """The case begins, or where it had begun, its timeline tells that an officer's request was paid.

    Runs in the transaction that numbers the receipt, so that money, receipt and case never disagree.
    """
    case = _paid_for(received.subject_id)
    if case is None:
        return
    key = privacy.open_key(case.key_id)
    told = _sealed(key, case, received.amount, receipt=received.receipt_number)
    if case.phase == Phase.UNPAID:
        _begin(case, key, told, received.paid_at)
    else:
        _note(case, Happened.PAID, told, by=APPLICANT, now=received.paid_at)


def tell_of_return(returned: MoneyReturned) -> None:
    """Money that goes back is told on the timeline and to the applicant."""
    case = _paid_for(returned.subject_id)
    if case is not None:
        key = privacy.open_key(case.key_id)
        told = _sealed(key, case, returned.amount, why=returned.reason)
        _note(case, Happened.RETURNED, told, by=SYSTEM, now=returned.returned_at)


def tell_of_lapse(lapsed: PaymentLapsed) -> None:
    """An officer's request that was not paid in time: told on the timeline, and new for the team.

    A case that waits for its fee has a timer of its own.
    """
    case = _paid_for(lapsed.subject_id)
    payment = paid.payment(lapsed.payment_id)
    if case is None or payment is None or case.phase == Phase.UNPAID:
        return
    what = in_language(payment.lines[0].label, case.language)
    told = _sealed(privacy.open_key(case.key_id), case, lapsed.amount, what=what)
    _note(case, Happened.PAYMENT_LAPSED, told, by=SYSTEM, now=lapsed.lapsed_at)
    case.unread = True
    case.save(update_fields=["unread"])


@transaction.atomic
def lapse(*, case_id: UUID, now: datetime) -> bool:
    """Gives up a case that nobody paid in time; False where it was paid or has time left. Idempotent.

    The payment is locked before the case, as where money comes in: whichever is first, the other sees it.
    """
    due = Case.objects.filter(id=case_id, phase=Phase.UNPAID, stage_due_at__lte=now)
    if not due.exists():
        return False
    close_open_payments(case_id, CloseReason.LAPSED, by=SYSTEM, now=now)
    case = due.select_for_update().first()
    if case is None:
        return False
    _end_unpaid(case, LAPSED_UNPAID, now)
    return True


def end_paid_elsewhere(paid_now: BillPaidByAnother) -> None:
    """What the case was to pay is paid: it ends, or it would ask on and lapse as if nobody had paid."""
    case = _paid_for(paid_now.subject_id)
    if case is not None and case.phase == Phase.UNPAID:
        _end_unpaid(case, PAID_ELSEWHERE, paid_now.paid_at)
        reminding.drop(case=case, kind=ReminderKind.UNPAID, now=paid_now.paid_at)


def over_since(case_id: UUID) -> datetime | None:
    """When the case was closed; None while it isn't. 1 statement."""
    return _CLOSED_AT.first(case_id)


def close_open_payments(
    case_id: UUID,
    reason: CloseReason,
    *,
    by: Actor,
    now: datetime,
    asked_before: datetime | None = None,
) -> None:
    """Asks no more for anything of a case. Call it before locking the case.

    With `asked_before`, what the decision itself asks for is left to be paid.
    """
    for payment in paid.payments_of(subject_kind=SubjectKind.CASE, subject_id=case_id):
        if payment.is_open and (asked_before is None or payment.created_at < asked_before):
            payments.close(payment_id=payment.id, reason=reason, by=by, now=now)


def _end_unpaid(case: Case, stage: str, now: datetime) -> None:
    before = moving.snapshot(case)
    case.stage, case.entered_at, case.stage_due_at = stage, now, None
    case.phase, case.closed_at, case.outcome = Phase.CLOSED, now, Outcome.WITHDRAWN
    move = Move(AWAITING_PAYMENT, stage, (), (), Outcome.WITHDRAWN)
    moving.record_move(case, Happened.TIMED_OUT, move, by=SYSTEM, now=now, before=before, settles_at=now)


def _begin(case: Case, key: DataKey, told: bytes, paid_at: datetime) -> None:
    """As if it had been sent at the moment it was paid."""
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    context = journey_context(agency, case.language, paid_at)
    journey = Journey(service.form, sealing.answers_of(key, case, service), context)
    facts = service.decided(journey, context)
    move = engine.start(service.workflow, facts.values, context.evaluating())
    before = moving.snapshot(case)
    case.due_at = promised_by(service.promise, paid_at, agency.calendar, ZoneInfo(agency.timezone))
    moving.enter(case, service, agency, move, paid_at)
    case.unread = True
    moving.record_move(
        case,
        Happened.PAID,
        replace(move, from_stage=AWAITING_PAYMENT),
        by=APPLICANT,
        now=paid_at,
        before=before,
        settles_at=paid_at,
        sealed=told,
        trace=explaining.sealed(key, case, service, facts, context, move=move),
    )
    reminding.drop(case=case, kind=ReminderKind.UNPAID, now=paid_at)


def _before(end: datetime, term: Term, agency: AgencyView) -> datetime:
    """So long before the end: in days, in the morning of that day."""
    if term.hours is not None:
        return end - timedelta(hours=term.hours)
    zone = ZoneInfo(agency.timezone)
    day = end.astimezone(zone).date() - timedelta(days=term.days or 0)
    left = term.working_days or 0
    while left > 0:
        left -= agency.calendar.is_working(day)
        day -= timedelta(days=1)
    return datetime.combine(day, _IN_THE_MORNING, zone)


def _paid_for(case_id: UUID) -> Case | None:
    return Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()


def _sealed(key: DataKey, case: Case, amount: Money, **words: str) -> bytes:
    details = {"amount": str(amount.amount), "currency": amount.currency, **words}
    return sealing.seal(key, case, timeline.MONEY, details)


def _note(case: Case, happened: Happened, told: bytes, *, by: Actor, now: datetime) -> CaseEvent:
    """An event that leaves the case where it is, told to the applicant by a job."""
    event = CaseEvent.objects.create(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        happened=happened,
        at=now,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        sealed_details=told,
        settles_at=now,
    )
    moving.follow_up_later(event)
    announcing.announce(case, event)
    return event

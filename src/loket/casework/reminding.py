"""Reminders: planned with what they warn of, sent once, dropped where they are no longer true."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from loket.casework import addressing, reminder_letters, sealing
from loket.casework.models import Case, Reminder
from loket.casework.types import Phase, ReminderKind
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Channel
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.privacy import actions as privacy
from loket.workflow.definition import Applicant, Collect

_BEFORE_AN_ANSWER = timedelta(days=2)
# Of a day, in the agency's zone.
_IN_THE_MORNING = time(9)


def plan(
    *, case: Case, kind: ReminderKind, due_at: datetime, ends_at: datetime, now: datetime, about: str = ""
) -> None:
    """Plans a reminder, or moves the one there is for the same thing (1 statement).

    One whose moment has passed already is not planned: whoever was just told needs no reminder. Planning anew
    after it was sent sends it again only for another moment.
    """
    if due_at <= now:
        return
    Reminder.objects.bulk_create(
        [Reminder(case=case, kind=kind, about=about, due_at=due_at, ends_at=ends_at)],
        update_conflicts=True,
        unique_fields=["case", "kind", "about"],
        update_fields=["due_at", "ends_at", "sent_at", "dropped_at"],
    )


def plan_answer(case: Case, now: datetime) -> None:
    """For a case that just began to wait for its applicant (1 statement)."""
    if case.stage_due_at is None:
        return
    zone = ZoneInfo(identity.agency_known(case.agency_id).timezone)
    due_at = before_an_answer(case.stage_due_at, now, zone)
    plan(case=case, kind=ReminderKind.ANSWER_DUE, due_at=due_at, ends_at=case.stage_due_at, now=now)


def before_an_answer(stage_due_at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """When to remind whoever is to answer by then: in the morning two days before the last one; half-way
    where there are fewer than four."""
    if stage_due_at - now < 2 * _BEFORE_AN_ANSWER:
        return now + (stage_due_at - now) / 2
    last = stage_due_at.astimezone(zone)
    return datetime.combine((last - _BEFORE_AN_ANSWER).date(), _IN_THE_MORNING, zone)


def plan_expiry(
    *,
    case: Case,
    service: CompiledService,
    agency: AgencyView,
    document: str,
    last_day: date,
    now: datetime,
) -> None:
    """Plans what the pack's `remind:` says of an issued document; `document` is its key."""
    zone = ZoneInfo(agency.timezone)
    for place, wanted in enumerate(service.service.remind):
        if wanted.of == document:
            morning = datetime.combine(last_day - timedelta(days=wanted.days), _IN_THE_MORNING, zone)
            plan(
                case=case,
                kind=ReminderKind.EXPIRY,
                about=f"{place}:{document}"[:64],
                due_at=morning,
                ends_at=datetime.combine(last_day, time(23, 59), zone),
                now=now,
            )


def drop(*, case: Case, kind: ReminderKind, now: datetime, document: str = "") -> int:
    """Drops what is planned of this kind, of one document where it is named; how many (1 statement)."""
    rows = Reminder.objects.filter(case=case, kind=kind, sent_at=None, dropped_at=None)
    if document:
        rows = rows.filter(about__endswith=f":{document}")
    return rows.update(dropped_at=now)


def due(now: datetime, limit: int) -> tuple[UUID, ...]:
    """Reminders whose moment has come."""
    rows = Reminder.objects.filter(due_at__lte=now, sent_at=None, dropped_at=None)
    return tuple(rows.order_by("due_at").values_list("id", flat=True)[:limit])


@transaction.atomic
def send(*, reminder_id: UUID, now: datetime) -> bool:
    """Sends a reminder that is due, or drops it where it is no longer true; whether it was sent. Idempotent.

    Its message is queued in the same transaction, so it is told exactly once however often the job runs.
    """
    # The case first: whoever moves one has it locked when dropping its reminders.
    case = Case.objects.select_for_update().filter(id__in=_case_of(reminder_id)).first()
    row = Reminder.objects.select_for_update().filter(id=reminder_id).first()
    if case is None or row is None or row.sent_at or row.dropped_at or row.due_at > now:
        return False
    service = catalogue.compiled(case.version_id)
    is_true = (
        case.erased_at is None and row.ends_at > now and _STILL_TRUE[ReminderKind(row.kind)](case, service)
    )
    told = is_true and _tell(case, row, service, now)
    if told:
        row.sent_at = now
    else:
        row.dropped_at = now
    row.save(update_fields=["sent_at", "dropped_at"])
    return told


def in_key(due_at: datetime) -> str:
    """A moment in a message's key: a reminder that is planned anew is another."""
    return f"{due_at:%Y%m%d%H%M%S}"


def _case_of(reminder_id: UUID) -> QuerySet[Reminder, UUID]:
    return Reminder.objects.filter(id=reminder_id).values_list("case_id", flat=True)


def _tell(case: Case, row: Reminder, service: CompiledService, now: datetime) -> bool:
    key = privacy.open_key(case.key_id)
    contact = sealing.contact_of(key, case)
    if contact.channel is Channel.NONE:
        return False
    written_to = addressing.as_written_to(case, contact, service)
    addressing.write_to(
        case,
        contact,
        reminder_letters.text_of(written_to, row, service, identity.agency_known(case.agency_id)),
        purpose=f"reminder_{row.kind}",
        once=f"remind:{row.id}:{in_key(row.due_at)}",
        key=key,
        reminder=True,
        now=now,
    )
    return True


def _unpaid(case: Case, service: CompiledService) -> bool:
    # Waiting for its fee, a case is in none of its service's own stages.
    return case.phase != Phase.CLOSED and case.stage not in service.workflow.stages


def _waits_for_applicant(case: Case, service: CompiledService) -> bool:
    return isinstance(service.workflow.stages.get(case.stage), Applicant)


def _uncollected(case: Case, service: CompiledService) -> bool:
    return isinstance(service.workflow.stages.get(case.stage), Collect)


def _always(case: Case, service: CompiledService) -> bool:
    """A document ends whatever became of its case; whoever revokes or replaces one drops its reminder."""
    return True


_STILL_TRUE: Mapping[ReminderKind, Callable[[Case, CompiledService], bool]] = {
    ReminderKind.UNPAID: _unpaid,
    ReminderKind.ANSWER_DUE: _waits_for_applicant,
    ReminderKind.UNCOLLECTED: _uncollected,
    ReminderKind.EXPIRY: _always,
}

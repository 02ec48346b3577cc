"""A case with all that hangs on it, as a mould for others: for whoever makes a made-up past in bulk.

The example is made by the same actions as every case; What differs from case to case is
found in its rows: ids, moments, and the texts that `texts` names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.applications import loading as applications
from loket.applications.drafts import journey_context
from loket.audit import loading as audit
from loket.casework import identifying, indexing, reminding, sealing
from loket.casework.actions.following_up import follow_up
from loket.casework.actions.paperwork import PDF, file_name
from loket.casework.clockwork import MADE_AFTER
from loket.casework.models import Case, CaseEvent, CaseIndex, CasePaper, Collection, Inquiry, Notice, Reminder
from loket.casework.paper_texts import About
from loket.casework.timeline import MONEY
from loket.casework.types import Happened, PaperKind
from loket.catalogue import queries as catalogue
from loket.files import loading as files
from loket.files.types import OwnerKind
from loket.forms.journey import Journey
from loket.forms.types import Channel, Contact
from loket.identity import queries as identity
from loket.kernel import compact_json
from loket.kernel.casting import Digested, Row, Sealed
from loket.kernel.moulded import row_of
from loket.notifications import loading as notifications
from loket.privacy import actions as privacy
from loket.privacy import loading as keys
from loket.privacy.actions import DataKey

# Bytes of a document of one page.
USUAL_SIZE = 34_000
# What an event's details are, as they are sealed.
_DETAILS = {
    Happened.MOVED: "reason",
    Happened.ANSWERED: "changes",
    Happened.NOTED: "note",
    Happened.PAYMENT_ASKED: MONEY,
    Happened.PAID: MONEY,
}


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one case. `ids` are those that are its own, in the order in which they were drawn."""

    rows: tuple[Row, ...]
    ids: tuple[UUID, ...]
    key_id: UUID
    stage: str


def settle_case(case_id: UUID, now: datetime) -> None:
    """What the jobs do for one case by then. Messages go to nobody, and documents have a row but no bytes:
    setting a million of them would take days."""
    waiting = CaseEvent.objects.filter(
        case_id=case_id, settles_at__lte=now, followed_up_at=None, undone_at=None
    )
    for event_id in list(waiting.order_by("settles_at", "id").values_list("id", flat=True)):
        follow_up(event_id=event_id, now=now)
    for paper in CasePaper.objects.filter(case_id=case_id, made_at=None).order_by("id"):
        _pretend_made(paper, now + MADE_AFTER)
    notifications.pretend_delivered(case_id)


def _pretend_made(paper: CasePaper, now: datetime) -> None:
    if paper.kind not in {PaperKind.SUBMISSION, PaperKind.DECISION}:
        raise ValueError(f"a document of the kind {paper.kind} can't be part of a mould")
    case = paper.case
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    context = journey_context(agency, case.language, now)
    journey = Journey(service.form, sealing.answers_of(key, case, service), context)
    paper.file_id = files.store_row(
        owner_kind=OwnerKind.CASE,
        owner_id=case.id,
        agency_id=case.agency_id,
        key=key,
        name=file_name(About(case, service, agency, journey, context, now), paper),
        size=USUAL_SIZE,
        media_type=PDF,
        now=now,
    )
    paper.size, paper.made_at = USUAL_SIZE, now
    paper.save(update_fields=["file_id", "size", "made_at"])


def stage_of(case_id: UUID) -> str:
    return Case.objects.values_list("stage", flat=True).get(id=case_id)


def runs_out_at(case_id: UUID) -> datetime | None:
    return Case.objects.values_list("stage_due_at", flat=True).get(id=case_id)


def reminds_at(case_id: UUID) -> datetime | None:
    """When the next reminder is due."""
    planned = Reminder.objects.filter(case_id=case_id, sent_at=None, dropped_at=None)
    return planned.order_by("due_at").values_list("due_at", flat=True).first()


def remind(case_id: UUID, *, now: datetime) -> None:
    """What the job does with the case's reminders that are due."""
    due = Reminder.objects.filter(case_id=case_id, due_at__lte=now, sent_at=None, dropped_at=None)
    for reminder_id in list(due.values_list("id", flat=True)):
        reminding.send(reminder_id=reminder_id, now=now)


def found(case_id: UUID, texts: Sequence[str]) -> Found:
    """Everything that the actions wrote for this case, with what is sealed opened."""
    case = Case.objects.get(id=case_id)
    key = privacy.open_key(case.key_id)
    draft_id, draft = applications.draft_of(case.reference)
    rows = [
        keys.key_row(case.key_id, case.opened_at),
        draft,
        _case(case, key, str(draft_id), texts),
        *(_event(row, case, key) for row in CaseEvent.objects.filter(case=case).order_by("id")),
        *(_index(row, texts) for row in CaseIndex.objects.filter(case=case).order_by("id")),
        *(_inquiry(row, case, key) for row in Inquiry.objects.filter(case=case).order_by("id")),
        *(row_of(row) for row in Reminder.objects.filter(case=case).order_by("id")),
        *(row_of(row) for row in Notice.objects.filter(case=case).order_by("id")),
        *(row_of(row) for row in CasePaper.objects.filter(case=case).order_by("id")),
        *files.files_of(OwnerKind.CASE, case.id, key),
        *notifications.messages_of(case.id, key),
        *audit.entries_about("case", case.reference),
        *keys.looks_at(case.id),
    ]
    if Collection.objects.filter(case=case).exists():
        raise ValueError("what is picked up at a counter can't be a mould yet")
    return Found(tuple(rows), _own_ids(rows), case.key_id, case.stage)


def how_many() -> int:
    """Reads all of history."""
    return Case.objects.count()


def _own_ids(rows: Iterable[Row]) -> tuple[UUID, ...]:
    """Ids of rows and of files' bytes, in the order of their making, which their first bits tell."""
    names = ("id", "blob_id")
    own = {
        value
        for row in rows
        for column, value in zip(row.columns, row.values, strict=True)
        if column.name in names and isinstance(value, UUID)
    }
    return tuple(sorted(own))


def _case(case: Case, key: DataKey, draft_id: str, texts: Sequence[str]) -> Row:
    contact = sealing.contact_of(key, case)
    return row_of(
        case,
        sealed_answers=_opened(key, case, "answers", case.sealed_answers),
        sealed_contact=_opened(key, case, "contact", case.sealed_contact),
        contact_digest=Digested(_CONTACTS[contact.channel], (contact.address,)) if contact.address else None,
        pin_digest=Digested(_pin, (case.reference, draft_id)) if case.pin_digest else None,
    )


def _event(row: CaseEvent, case: Case, key: DataKey) -> Row:
    details = _DETAILS.get(Happened(row.happened), "")
    return row_of(
        row,
        sealed_details=_opened(key, case, details, row.sealed_details) if row.sealed_details else None,
        sealed_trace=_opened(key, case, "trace", row.sealed_trace) if row.sealed_trace else None,
    )


def _index(row: CaseIndex, texts: Sequence[str]) -> Row:
    """The word is one of the texts that differ; anything else would be found in everybody's case."""
    agency_id = row.agency_id
    word = next(text for text in texts if indexing.index_digest(agency_id, text) == bytes(row.digest))
    return row_of(row, digest=Digested(_IndexIn(agency_id), (word,)))


def _inquiry(row: Inquiry, case: Case, key: DataKey) -> Row:
    return row_of(
        row,
        sealed_message=_opened(key, case, "inquiry", row.sealed_message),
        sealed_reply=_opened(key, case, "reply", row.sealed_reply) if row.sealed_reply else None,
    )


def _opened(key: DataKey, case: Case, what: str, sealed: bytes | memoryview) -> Sealed:
    plain = compact_json.dump(sealing.unseal(key, case, what, sealed))
    return Sealed(plain, sealing.about(case.id, what))


@dataclass(frozen=True, slots=True)
class _IndexIn:
    agency_id: int

    def __call__(self, word: str) -> bytes:
        return indexing.index_digest(self.agency_id, word)


def _by_email(address: str) -> bytes:
    return identifying.contact_digest(Contact(Channel.EMAIL, address))


def _by_sms(address: str) -> bytes:
    return identifying.contact_digest(Contact(Channel.SMS, address))


def _pin(reference: str, draft_id: str) -> bytes:
    return identifying.pin_digest(reference, applications.pin_on_paper(draft_id))


_CONTACTS = {Channel.EMAIL: _by_email, Channel.SMS: _by_sms}

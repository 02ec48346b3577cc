"""Submitting: the draft ends, the application begins, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from loket.applications import bills, drafts, uploads
from loket.applications.actions.saving import paper_pin
from loket.applications.events import ApplicationSubmitted
from loket.applications.types import Submitted
from loket.audit import actions as audit
from loket.forms.journey import Journey
from loket.forms.types import Answers, Contact
from loket.identity import queries as identity
from loket.kernel import events, rows
from loket.kernel.actors import Actor
from loket.kernel.ids import new_reference
from loket.kernel.refusals import Refusal
from loket.notifications import queries as notifications
from loket.privacy.actions import DataKey

# Two applications draw the same reference once in billions of times; then another is drawn.
REFERENCE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Sending:
    """An application about to begin, from a draft or whole."""

    reference: str
    agency_id: int
    version_id: int
    language: str
    answers: Answers
    draft_id: UUID
    draft_key: DataKey


class NotComplete(Refusal):
    """Something visible is still missing; `page` is the first page with a gap."""

    code = "not_complete"


def submit(*, token: str, language: str, by: Actor, now: datetime) -> Submitted:
    """Submits the draft. Doing it twice, or from two tabs, gives the same reference and does nothing more.

    Publishes ApplicationSubmitted inside the transaction, so that the case, its first event and its
    jobs stand or fall with the submission. Raises NoSuchDraft, NotComplete, BillChanged.
    """
    for attempt in range(REFERENCE_TRIES):
        try:
            return _submit(token, language, by, now)
        except drafts.AlreadySubmitted as done:
            return Submitted(str(done.details["reference"]), again=True)
        except IntegrityError:
            if attempt == REFERENCE_TRIES - 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def _submit(token: str, language: str, by: Actor, now: datetime) -> Submitted:
    draft = drafts.locked(token, now)
    agency = identity.agency_known(draft.row.agency_id)
    journey = Journey(draft.service.form, draft.answers, drafts.journey_context(agency, language, now))
    if not journey.complete:
        raise NotComplete(page=journey.first_incomplete.id if journey.first_incomplete else "")
    answers = journey.live_answers
    bills.confirm(draft.service.form, answers)
    reference = new_reference()
    publish(
        Sending(reference, agency.id, draft.row.version_id, language, answers, draft.row.id, draft.key),
        by=by,
        now=now,
    )
    draft.row.submitted_at = now
    draft.row.reference = reference
    draft.row.wrapped_key = None
    draft.row.sealed_answers = None
    draft.row.link_hash = draft.row.save_reference = draft.row.pin_digest = None
    rows.update(
        draft.row,
        "submitted_at", "reference", "wrapped_key", "sealed_answers",
        "link_hash", "save_reference", "pin_digest",
    )  # fmt: skip
    return Submitted(reference, again=False)


def publish(sending: Sending, *, by: Actor, now: datetime) -> str | None:
    """Lets the application begin, inside the caller's transaction; the PIN where nobody can be written to."""
    pin = pin_of(draft_id=sending.draft_id, answers=sending.answers)
    events.publish(
        ApplicationSubmitted(
            reference=sending.reference,
            agency_id=sending.agency_id,
            version_id=sending.version_id,
            language=sending.language,
            answers=sending.answers,
            files=uploads.files_in(sending.answers),
            draft_id=sending.draft_id,
            draft_key=sending.draft_key,
            paper_pin=pin,
            submitted_at=now,
        )
    )
    audit.record(
        "application.submitted",
        by=by,
        about=f"case:{sending.reference}",
        now=now,
        version=sending.version_id,
    )
    return pin


def pin_of(*, draft_id: UUID, answers: Answers) -> str | None:
    """The PIN that went with the application, where nobody can be written to."""
    return paper_pin(draft_id) if unreachable(answers) else None


def unreachable(answers: Answers) -> bool:
    """Whether no address was given that this installation can write to."""
    contacts = [answer for answer in answers.values() if isinstance(answer, Contact)]
    return not any(notifications.can_reach(contact.channel.value) for contact in contacts)

"""Writing to whoever sent a case: where to, and in which language (chosen for the address, or the case's)."""

from copy import copy
from datetime import datetime, timedelta

from loket.casework.models import Case
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Channel, Contact
from loket.kernel.actors import SYSTEM, Actor
from loket.notifications import actions as notifications
from loket.notifications import queries as preferences
from loket.notifications.types import (
    KEEP_TRYING,
    CaseKey,
    Medium,
    Outgoing,
    RenderedText,
    SubjectKind,
)
from loket.privacy.actions import DataKey


def as_written_to(case: Case, contact: Contact, service: CompiledService) -> Case:
    """The case for its letters: a copy in the chosen language, never to be saved (1 statement).

    A language that the service doesn't speak would make letters half of one and half of another.
    """
    if contact.channel is Channel.NONE:
        return case
    chosen = preferences.preferred_language(Medium(contact.channel.value), contact.address)
    if chosen in ("", case.language) or chosen not in service.service.languages:
        return case
    written = copy(case)
    written.language = chosen
    return written


def write_to(
    case: Case,
    contact: Contact,
    text: RenderedText,
    *,
    purpose: str,
    once: str,
    now: datetime,
    key: DataKey | None = None,
    urgent: bool = False,
    reminder: bool = False,
    keep_trying: timedelta = KEEP_TRYING,
    by: Actor = SYSTEM,
) -> None:
    """Queues a letter to a contact that has a channel; under the same `once` only the first.

    Sealed by the case's `key` it goes dark with the case; without one it has a key of its own.
    """
    notifications.send(
        message=Outgoing(
            agency_id=case.agency_id,
            subject_kind=SubjectKind.CASE,
            subject_id=case.id,
            medium=Medium(contact.channel.value),
            address=contact.address,
            text=text,
            purpose=purpose,
            idempotency_key=once,
            case_key=CaseKey(case.key_id, key) if key else None,
            keep_trying=keep_trying,
            urgent=urgent,
            reminder=reminder,
        ),
        by=by,
        now=now,
    )

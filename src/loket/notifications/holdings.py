"""What notifications holds about people: messages, by the case or draft they are about."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.notifications import sealing
from loket.notifications.models import Addressee, Message
from loket.privacy.actions import KeyDestroyed
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject

# Messages with a key of their own go after a month; whoever comes back within the year is still known.
_KEPT_ALONE = timedelta(days=365)
_AT_ONCE = 1000


def _find(clue: Clue) -> tuple[Subject, ...]:
    """Addresses are sealed and not indexed here; the case or draft is found by its own holding."""
    return ()


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    told = [_told(row) for row in _rows(subject).order_by("id")]
    if told:
        content = json.dumps(told, ensure_ascii=False, indent=2).encode()
        yield Copy("messages.json", "application/json", content)


def _told(row: Message) -> dict[str, str]:
    facts = {
        "purpose": row.purpose,
        "medium": row.medium,
        "state": row.state,
        "created_at": row.created_at.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else "",
    }
    try:
        key = sealing.key_of(row)
    except KeyDestroyed:
        return facts
    text = sealing.text_of(row, key)
    return {**facts, "address": sealing.address_of(row, key), "subject": text.subject, "body": text.body}


@transaction.atomic
def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    """Deletes the rows; the jobs that are left find nothing to deliver."""
    deleted, _ = _rows(subject).delete()
    if deleted:
        audit.record("message.erased", by=by, about=str(subject), now=now, count=deleted)
    return deleted


def _count(subject: Subject) -> int:
    return _rows(subject).count()


def _rows(subject: Subject) -> QuerySet[Message]:
    return Message.objects.filter(subject_kind=subject.kind.value, subject_id=subject.id)


def _find_addressee(clue: Clue) -> tuple[Subject, ...]:
    """Kept by the address alone: they go with the cases in which it was given, or on their own term."""
    return ()


def _export_addressees(subject: Subject, now: datetime) -> Iterator[Copy]:
    found = {bytes(row.address_digest) for row in _rows(subject) if row.address_digest}
    told = [_preferred(row) for row in Addressee.objects.filter(digest__in=found).order_by("digest")]
    if told:
        content = json.dumps(told, ensure_ascii=False, indent=2).encode()
        yield Copy("message-preferences.json", "application/json", content)


def _preferred(row: Addressee) -> dict[str, str | bool | int | None]:
    return {
        "medium": row.medium,
        "language": row.language,
        "reminders": row.reminders,
        "quiet_from": row.quiet_from,
        "quiet_until": row.quiet_until,
        "unreachable_since": row.unreachable_at.isoformat() if row.unreachable_at else None,
    }


@transaction.atomic
def _erase_addressee(subject: Subject, by: Actor, now: datetime) -> int:
    """With the last case or draft in which the address was written to."""
    gone, _ = _addressees(subject).delete()
    return gone


def _count_addressees(subject: Subject) -> int:
    return _addressees(subject).count()


def _addressees(subject: Subject) -> QuerySet[Addressee]:
    """Of the addresses that this subject's messages went to, those that nothing else was sent to."""
    here = {bytes(row.address_digest) for row in _rows(subject) if row.address_digest}
    elsewhere = Message.objects.filter(address_digest__in=here).exclude(subject_id=subject.id)
    shared = {bytes(digest) for digest in elsewhere.values_list("address_digest", flat=True) if digest}
    return Addressee.objects.filter(digest__in=here - shared)


def _expire_addressees(now: datetime) -> int:
    """What is known of an address goes a year after it changed, where nothing written to it is kept."""
    kept = Message.objects.filter(address_digest=OuterRef("digest"))
    gone = Addressee.objects.filter(~Exists(kept), changed_at__lt=now - _KEPT_ALONE)
    return Addressee.objects.filter(
        digest__in=list(gone.values_list("digest", flat=True)[:_AT_ONCE])
    ).delete()[0]


def register() -> None:
    # First, because the messages say whose they are.
    register_holding(
        Holding(
            "addressees",
            _find_addressee,
            _export_addressees,
            _erase_addressee,
            _count_addressees,
            _expire_addressees,
        )
    )
    register_holding(Holding("messages", _find, _export, _erase, _count))

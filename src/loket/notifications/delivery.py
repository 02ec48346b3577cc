"""Delivers messages: one try each, then again later, until they arrive or are given up.

A try is bracketed by two short transactions, with the message marked as being sent between them: no lock is
held while a mail server thinks. A sender that dies between them leaves the mark; after LEASE somebody else
tries again. So a message goes "at least once", and the same id in every try lets providers drop a second one.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.notifications import routing, sealing
from loket.notifications.actions import deliver_later
from loket.notifications.events import MessageFailed
from loket.notifications.models import Message
from loket.notifications.registry import Attempt, Channel, Permanent, Receipt, Sender, Temporary
from loket.notifications.types import Medium, RenderedText, State, SubjectKind
from loket.privacy.actions import KeyDestroyed

# Longer than any channel may take.
LEASE = timedelta(minutes=10)
# A job may be handed out by a database whose clock is a little ahead of ours.
_CLOCK_SLACK = timedelta(minutes=1)
# How late a queued message must be before its job counts as lost.
_LATE = timedelta(minutes=15)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=4)
_JITTER = 0.2
_KEEP_OWN = timedelta(days=30)
_BATCH = 1000
_NO_CHANNEL = "no_channel"

logger = logging.getLogger(__name__)
_chance = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Claim:
    """One message, marked as being sent by this try."""

    row: Message
    address: str
    text: RenderedText
    channel: Channel | None

    @property
    def attempt(self) -> Attempt:
        return Attempt(self.row.id, self.row.attempts)


def deliver(*, message_id: UUID, now: datetime) -> State | None:
    """Makes one try. The state it ends in, or None where there was nothing to do.

    Idempotent: a message that was sent, failed or was cancelled, or that somebody else is sending, is left
    alone. Publishes MessageFailed where it gives up.
    """
    claim = _claim(message_id, now)
    if claim is None:
        return None
    try:
        receipt = _handed_over(claim)
    except Temporary as problem:
        return _try_later(claim.row, problem.code, now)
    except Permanent as problem:
        return _settle(claim.row, State.FAILED, now, trouble=problem.code)
    return _settle(claim.row, State.SENT, now, receipt=receipt)


@transaction.atomic
def rescue(*, now: datetime) -> int:
    """Defers again what nobody delivers any more: senders that died, jobs that were lost. How many.

    Idempotent: what it defers is not late any more.
    """
    late = list(
        Message.objects.select_for_update(skip_locked=True)
        .filter(
            Q(state=State.SENDING, due_at__lte=now) | Q(state=State.QUEUED, due_at__lte=now - _LATE),
        )
        .order_by("due_at")
        .values_list("id", flat=True)[:_BATCH]
    )
    if late:
        Message.objects.filter(id__in=late).update(state=State.QUEUED, due_at=now)
        deliver_later(late, now)
        logger.warning("%d messages rescued", len(late))
    return len(late)


def forget(*, now: datetime) -> int:
    """Deletes messages with a key of their own (codes, draft links) a month after they ended; how many."""
    old = Message.objects.filter(wrapped_key__isnull=False, ended_at__lt=now - _KEEP_OWN)
    deleted, _ = Message.objects.filter(id__in=old.values("id")[:_BATCH]).delete()
    return deleted


def pause_after(attempts: int) -> timedelta:
    """How long to wait after this many tries: doubling, up to four hours.

    A fifth more or less by chance, so that a mail server that comes back isn't met by everybody at once.
    """
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    share = float(_chance.uniform(1 - _JITTER, 1 + _JITTER))
    return timedelta(seconds=min(doubled, _LONGEST_PAUSE).total_seconds() * share)


@transaction.atomic
def _claim(message_id: UUID, now: datetime) -> _Claim | None:
    row = Message.objects.select_for_update().filter(id=message_id).first()
    if row is None or not _is_due(row, now):
        return None
    if row.attempts and now >= row.give_up_at:
        _end(row, State.FAILED, now, trouble=row.last_error or "gave_up")
        return None
    try:
        key = sealing.key_of(row)
    except KeyDestroyed:
        _end(row, State.CANCELLED, now, trouble=KeyDestroyed.code)
        return None
    channel = routing.channel_for(Medium(row.medium))
    row.state, row.attempts, row.attempted_at = State.SENDING.value, row.attempts + 1, now
    row.due_at, row.channel = now + LEASE, channel.key if channel else ""
    row.save(update_fields=["state", "attempts", "attempted_at", "due_at", "channel"])
    return _Claim(row, sealing.address_of(row, key), sealing.text_of(row, key), channel)


def _is_due(row: Message, now: datetime) -> bool:
    if row.state == State.QUEUED:
        return row.due_at <= now + _CLOCK_SLACK
    return row.state == State.SENDING and row.due_at <= now


def _handed_over(claim: _Claim) -> Receipt:
    """Raises Temporary, Permanent."""
    if claim.channel is None:
        raise Temporary(_NO_CHANNEL)
    agency = identity.agency_by_id(claim.row.agency_id)
    sender = Sender(agency.name(claim.text.language) if agency else "")
    try:
        return claim.channel.deliver(
            address=claim.address, text=claim.text, sender=sender, attempt=claim.attempt
        )
    except (Temporary, Permanent):
        raise
    except Exception as fault:
        # Whatever a plug-in's library raises may hold the address or the text, and would be logged with its
        # words by the worker. Only its kind goes further.
        raise Temporary(f"fault_{type(fault).__name__}"[:60]) from None


@transaction.atomic
def _try_later(row: Message, trouble: str, now: datetime) -> State:
    due_at = now + pause_after(row.attempts)
    if due_at >= row.give_up_at:
        return _settle(row, State.FAILED, now, trouble=trouble)
    if _ours(row).update(state=State.QUEUED, due_at=due_at, last_error=trouble):
        deliver_later([row.id], due_at)
    _log("waits", row, trouble)
    return State.QUEUED


@transaction.atomic
def _settle(
    row: Message, state: State, now: datetime, *, trouble: str = "", receipt: Receipt | None = None
) -> State:
    """Ends the try of `row`, unless another took it over meanwhile."""
    if _ours(row).exists():
        _end(row, state, now, trouble=trouble, receipt=receipt)
    return state


def _end(row: Message, state: State, now: datetime, *, trouble: str, receipt: Receipt | None = None) -> None:
    Message.objects.filter(id=row.id).update(
        state=state,
        ended_at=now,
        sent_at=now if state is State.SENT else None,
        last_error=trouble,
        provider_id=receipt.provider_id[:200] if receipt else "",
    )
    _log(state.value, row, trouble)
    if state is State.FAILED:
        audit.record("message.failed", by=SYSTEM, about=f"message:{row.id}", now=now, trouble=trouble)
        events.publish(
            MessageFailed(
                message_id=row.id,
                agency_id=row.agency_id,
                subject_kind=SubjectKind(row.subject_kind),
                subject_id=row.subject_id,
                purpose=row.purpose,
                trouble=trouble,
            )
        )


def _ours(row: Message) -> QuerySet[Message]:
    """The row as long as this very try holds it."""
    return Message.objects.select_for_update().filter(id=row.id, state=State.SENDING, attempts=row.attempts)


def _log(what: str, row: Message, trouble: str) -> None:
    logger.info("message %s %s after %d tries %s", row.id, what, row.attempts, trouble)

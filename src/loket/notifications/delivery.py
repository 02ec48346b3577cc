"""Delivers messages: one try each, then again later, until they arrive or are given up.

A try is bracketed by two short transactions, with the message marked as being sent between them: no lock is
held while a mail server thinks. A sender that dies between them leaves the mark; after its lease somebody
else tries again. So a message goes "at least once", and the same id in every try lets providers drop a
second one.
"""

import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, QuerySet

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.notifications import health, preferring, routing, sealing, tallying
from loket.notifications.events import MessageFailed
from loket.notifications.models import Message
from loket.notifications.registry import (
    Attempt,
    Channel,
    DeliveryProblem,
    Permanent,
    Receipt,
    Sender,
    Temporary,
)
from loket.notifications.types import Medium, RenderedText, State, SubjectKind
from loket.privacy.actions import DataKey, KeyDestroyed

# How long a mark holds that nobody renews; longer than any channel may take.
LEASE = timedelta(minutes=10)
# Work may be handed out by a clock that is a little ahead of ours.
_CLOCK_SLACK = timedelta(minutes=1)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=4)
_JITTER = 0.2
_KEEP_OWN = timedelta(days=30)
_BATCH = 1000
_NO_CHANNEL = "no_channel"
# Every provider of the medium failed a moment ago and is left in peace.
_RESTING = "provider_resting"

logger = logging.getLogger(__name__)
_chance = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Claim:
    """One message, marked as being sent by this try."""

    row: Message
    address: str
    text: RenderedText
    channels: tuple[Channel, ...]
    sender: Sender

    @property
    def attempt(self) -> Attempt:
        return Attempt(self.row.id, self.row.attempts, preferring.way_out(self.row))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended. `problem` is None where a provider took the message."""

    claim: Claim
    at: datetime
    channel: str = ""
    receipt: Receipt | None = None
    problem: DeliveryProblem | None = None


def deliver(*, message_id: UUID, now: datetime) -> State | None:
    """Makes one try at one message. The state it ends in, or None where there was nothing to do.

    Idempotent: a message that was sent, failed or was cancelled, or that somebody else is sending, is left
    alone. Publishes MessageFailed where it gives up.
    """
    rows = Message.objects.filter(id=message_id, due_at__lte=now + _CLOCK_SLACK)
    for claim in claimed(rows, 1, now, LEASE, wait=True):
        return settle([hand_over(claim, lambda: now)], now=now)[0]
    return None


def claim_due(
    *,
    medium: Medium,
    limit: int,
    now: datetime,
    lease: timedelta = LEASE,
    but_not: Collection[UUID] = (),
) -> tuple[Claim, ...]:
    """Marks up to `limit` messages that are due as being sent by the caller (2 statements, 1 for their keys).

    Those whose sender died are among them: their mark has run out. `but_not`: those that the caller has on
    their way itself, whose marks run out early where the clock jumps ahead.
    """
    due = Message.objects.filter(medium=medium.value, due_at__lte=now)
    return claimed(due.exclude(id__in=but_not) if but_not else due, limit, now, lease)


def hold(message_ids: Sequence[UUID], *, until: datetime) -> None:
    """Renews the marks of messages that are still on their way (1 statement)."""
    Message.objects.filter(id__in=message_ids, state=State.SENDING).update(due_at=until)


def hand_over(claim: Claim, clock: Callable[[], datetime]) -> Outcome:
    """Gives the message to the first provider that takes it. No statement; never raises.

    After a failure that may pass, the next provider is tried at once.
    """
    problem: DeliveryProblem = Temporary(_RESTING if claim.channels else _NO_CHANNEL)
    name = ""
    for channel in claim.channels:
        if not health.may_try(channel.key, clock()):
            continue
        name = channel.key
        try:
            receipt = _given(claim, channel)
        except Permanent as refused:
            health.went(name)
            return Outcome(claim, clock(), name, problem=refused)
        except Temporary as failed:
            health.failed(name, clock())
            problem = failed
        else:
            health.went(name)
            return Outcome(claim, clock(), name, receipt=receipt)
    return Outcome(claim, clock(), name, problem=problem)


@transaction.atomic
def settle(outcomes: Sequence[Outcome], *, now: datetime) -> list[State]:
    """Writes down how tries ended, unless another took a message over meanwhile; the state of each.

    Those that went: 2 statements together.
    """
    _sent([outcome for outcome in outcomes if outcome.problem is None])
    for outcome in outcomes:
        if outcome.channel:
            outcome.claim.row.channel = outcome.channel
    return [_settled(outcome, now) for outcome in outcomes]


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
def claimed(
    rows: QuerySet[Message], limit: int, now: datetime, lease: timedelta, *, wait: bool = False
) -> tuple[Claim, ...]:
    """Marks these messages as being sent by the caller, as far as nobody else does."""
    found = rows.filter(state__in=[State.QUEUED, State.SENDING]).select_for_update(skip_locked=not wait)
    taken = list(found.order_by("due_at")[:limit])
    keys = sealing.keys_of(taken)
    claims = [claim for row in taken if (claim := _opened(row, keys.get(row.id), now))]
    if claims:
        Message.objects.filter(id__in=[claim.row.id for claim in claims]).update(
            state=State.SENDING, attempts=F("attempts") + 1, attempted_at=now, due_at=now + lease
        )
    return tuple(claims)


def _opened(row: Message, key: DataKey | None, now: datetime) -> Claim | None:
    if row.state == State.SENDING:
        if row.due_at > now:
            return None
        tallying.uncertain(row, now)
    if row.attempts and now >= row.give_up_at:
        _end(row, State.FAILED, now, trouble=row.last_error or "gave_up")
        return None
    if key is None:
        _end(row, State.CANCELLED, now, trouble=KeyDestroyed.code)
        return None
    row.state, row.attempts = State.SENDING.value, row.attempts + 1
    text, agency = sealing.text_of(row, key), identity.agency_by_id(row.agency_id)
    return Claim(
        row,
        sealing.address_of(row, key),
        preferring.with_way_out(row, text),
        routing.channels_for(Medium(row.medium)),
        Sender(agency.name(text.language) if agency else ""),
    )


def _given(claim: Claim, channel: Channel) -> Receipt:
    """Raises Temporary, Permanent."""
    try:
        return channel.deliver(
            address=claim.address, text=claim.text, sender=claim.sender, attempt=claim.attempt
        )
    except (Temporary, Permanent):
        raise
    except Exception as fault:
        # Whatever a plug-in's library raises may hold the address or the text, and would be logged with its
        # words by the worker. Only its kind goes further.
        raise Temporary(f"fault_{type(fault).__name__}"[:60]) from None


def _sent(outcomes: Sequence[Outcome]) -> None:
    """Written out, because each row gets its own moment and provider."""
    if not outcomes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{Message._meta.db_table}" m SET state = %s, sent_at = v.at, ended_at = v.at, '  # noqa: S608
            "last_error = '', channel = v.channel, "
            "provider_id = v.provider "
            "FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::text[], %s::text[]) "
            "AS v(id, attempts, at, channel, provider) "
            "WHERE m.id = v.id AND m.attempts = v.attempts AND m.state = %s RETURNING m.id",
            [
                State.SENT.value,
                [outcome.claim.row.id for outcome in outcomes],
                [outcome.claim.row.attempts for outcome in outcomes],
                [outcome.at for outcome in outcomes],
                [outcome.channel for outcome in outcomes],
                [outcome.receipt.provider_id[:200] if outcome.receipt else "" for outcome in outcomes],
                State.SENDING.value,
            ],
        )
        written = {row[0] for row in cursor.fetchall()}
    tallying.handed([(o.claim.row, o.at) for o in outcomes if o.claim.row.id in written])
    for outcome in outcomes:
        _log("sent", outcome.claim.row, "")


def _settled(outcome: Outcome, now: datetime) -> State:
    row, problem = outcome.claim.row, outcome.problem
    if problem is None:
        return State.SENT
    if isinstance(problem, Permanent):
        if _ours(row).exists():
            _end(row, State.FAILED, now, trouble=problem.code)
            preferring.failed_for_good(row, now)
        return State.FAILED
    return _try_later(row, problem.code, now)


def _try_later(row: Message, trouble: str, now: datetime) -> State:
    due_at = preferring.after_quiet_hours(row, now + pause_after(row.attempts), _zone(row.agency_id))
    ours = _ours(row)
    if due_at >= row.give_up_at:
        if ours.exists():
            _end(row, State.FAILED, now, trouble=trouble)
        return State.FAILED
    ours.update(state=State.QUEUED, due_at=due_at, last_error=trouble, channel=row.channel)
    _log("waits", row, trouble)
    return State.QUEUED


def _end(row: Message, state: State, now: datetime, *, trouble: str) -> None:
    Message.objects.filter(id=row.id).update(
        state=state, ended_at=now, last_error=trouble, channel=row.channel
    )
    _log(state.value, row, trouble)
    if state is State.FAILED:
        tallying.failed(row, now)
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
    return Message.objects.filter(id=row.id, state=State.SENDING, attempts=row.attempts)


def _zone(agency_id: int) -> ZoneInfo:
    return ZoneInfo(identity.agency_known(agency_id).timezone)


def _log(what: str, row: Message, trouble: str) -> None:
    logger.info("message %s %s after %d tries %s", row.id, what, row.attempts, trouble)

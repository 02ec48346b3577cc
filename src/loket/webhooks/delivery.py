"""Tries at delivering: one at a time for each delivery, until it arrives or is parked.

A try is bracketed by two short transactions, with no lock held while the receiver thinks; a sender that dies
in between leaves a mark that runs out, and another tries again under the same id. Order is nobody's promise.
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from loket.audit import actions as audit
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.webhooks import actions, addresses, posting, sealing, signing, telling
from loket.webhooks.events import EndpointDisabled
from loket.webhooks.models import OPEN, Delivery, Endpoint
from loket.webhooks.posting import Reply
from loket.webhooks.types import BadAddress, Off, State

# Longer than a try may take; the pump renews it while it waits.
LEASE = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=4)
_JITTER = 0.2
# An endpoint that failed so often in a row, for so long, is switched off.
FAILURES, FAILING_FOR = 20, timedelta(hours=24)
_GONE = 410

logger = logging.getLogger(__name__)
_chance = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery, marked as being sent by this try, with what is needed to make it."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    attempt: int
    address: str
    body: bytes
    keys: tuple[str, ...]
    give_up_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    claim: Claim
    reply: Reply
    at: datetime


def receivers(now: datetime) -> Mapping[UUID, bool]:
    """The endpoints for which something is due, and whether their last try failed. 1 statement."""
    due = Delivery.objects.filter(
        state__in=OPEN, due_at__lte=now, endpoint__off="", endpoint__removed_at=None
    ).values_list("endpoint_id", "endpoint__failures")
    return {endpoint_id: failures > 0 for endpoint_id, failures in due.distinct()}


@transaction.atomic
def claim(*, endpoint_id: UUID, limit: int, now: datetime) -> tuple[Claim, ...]:
    """Marks up to `limit` due deliveries of an endpoint as being sent by the caller (3 statements)."""
    endpoint = Endpoint.objects.filter(id=endpoint_id, off="", removed_at=None).first()
    if endpoint is None:
        return ()
    due = Delivery.objects.filter(endpoint=endpoint, state__in=OPEN, due_at__lte=now)
    rows = list(due.select_for_update(skip_locked=True).order_by("due_at", "id")[:limit])
    if not rows:
        return ()
    Delivery.objects.filter(id__in=[row.id for row in rows]).update(
        state=State.SENDING, attempts=F("attempts") + 1, attempted_at=now, due_at=now + LEASE
    )
    keys = sealing.secrets_of(endpoint, now)
    return tuple(
        Claim(
            row.id,
            endpoint.id,
            row.event_id,
            row.attempts + 1,
            endpoint.address,
            row.body.encode(),
            keys,
            row.give_up_at,
        )
        for row in rows
    )


def hold(delivery_ids: Sequence[UUID], *, until: datetime) -> None:
    """Renews the marks of deliveries that are still on their way (1 statement)."""
    Delivery.objects.filter(id__in=delivery_ids, state=State.SENDING).update(due_at=until)


def hand_over(claim: Claim, clock: Callable[[], datetime]) -> Outcome:
    """Makes the try. No statement; never raises."""
    headers = signing.headers(claim.event_id, claim.body, claim.keys, clock())
    return Outcome(claim, posting.post(claim.address, claim.body, headers), clock())


@transaction.atomic
def settle(outcome: Outcome, *, now: datetime) -> State | None:
    """Writes down how a try ended; None where another took the delivery over meanwhile."""
    claim, reply = outcome.claim, outcome.reply
    endpoint = Endpoint.objects.select_for_update().get(id=claim.endpoint_id)
    ours = Delivery.objects.filter(id=claim.id, state=State.SENDING, attempts=claim.attempt)
    told = {"status": reply.status, "trouble": reply.trouble, "answer": reply.answer}
    if not reply.trouble:
        written = ours.update(state=State.DELIVERED, ended_at=outcome.at, **told)
        _went_well(endpoint)
        return State.DELIVERED if written else None
    due_at = now + max(pause_after(claim.attempt), timedelta(seconds=reply.wait))
    over = due_at >= claim.give_up_at or reply.status == _GONE or endpoint.off != ""
    if over:
        written = ours.update(state=State.PARKED, ended_at=outcome.at, **told)
    else:
        written = ours.update(state=State.QUEUED, due_at=due_at, **told)
    logger.info("webhook_failed delivery=%s attempt=%d trouble=%s", claim.id, claim.attempt, reply.trouble)
    if written:
        _went_badly(endpoint, reply, now)
    return (State.PARKED if over else State.QUEUED) if written else None


def pause_after(attempts: int) -> timedelta:
    """How long to wait after this many tries: doubling up to four hours, a fifth more or less by chance."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    share = float(_chance.uniform(1 - _JITTER, 1 + _JITTER))
    return timedelta(seconds=min(doubled, _LONGEST_PAUSE).total_seconds() * share)


def _went_well(endpoint: Endpoint) -> None:
    if endpoint.failures:
        Endpoint.objects.filter(id=endpoint.id).update(failures=0, failing_since=None)


def _went_badly(endpoint: Endpoint, reply: Reply, now: datetime) -> None:
    Endpoint.objects.filter(id=endpoint.id).update(
        failures=F("failures") + 1, failing_since=Coalesce("failing_since", now)
    )
    if endpoint.off:
        return
    since = endpoint.failing_since or now
    if reply.status == _GONE:
        _disable(endpoint, Off.GONE, since, now)
    elif endpoint.failures + 1 >= FAILURES and now - since >= FAILING_FOR:
        _disable(endpoint, Off.FAILING, since, now)


def _disable(endpoint: Endpoint, why: Off, since: datetime, now: datetime) -> None:
    Endpoint.objects.filter(id=endpoint.id).update(off=why.value, off_since=now)
    actions.park_open(endpoint.id, now)
    audit.record(
        "webhook.disabled",
        by=SYSTEM,
        about=f"webhook:{endpoint.id}",
        now=now,
        agency=endpoint.agency_id,
        why=why.value,
    )
    telling.forget()
    events.publish(
        EndpointDisabled(endpoint.id, endpoint.agency_id, _host(endpoint.address), why, since, now)
    )


def _host(address: str) -> str:
    """Without path and query, which may hold a token."""
    try:
        return addresses.parsed(address).host
    except BadAddress:
        return ""

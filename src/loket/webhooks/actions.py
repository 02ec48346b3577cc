"""Writes: who is told what, and sending again what could not be delivered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id
from loket.privacy import actions as privacy
from loket.webhooks import addresses, sealing, signing, telling
from loket.webhooks.models import OPEN, Delivery, Endpoint
from loket.webhooks.types import (
    CHOOSABLE,
    EndpointOff,
    EventType,
    Fact,
    NoSuchDelivery,
    NoSuchEndpoint,
    NothingChosen,
    Off,
    State,
    TooManyEndpoints,
)

# For how long the former secret signs beside the new one.
BOTH_SECRETS = timedelta(hours=24)
MOST_ENDPOINTS = 20
_BATCH = 1000
# What arrived can be asked about for a week; what did not can be sent again for a month.
_KEPT_DELIVERED, _KEPT_PARKED = timedelta(days=7), timedelta(days=30)


def announce(facts: Sequence[Fact], *, now: datetime) -> None:
    """Has whoever listens told of facts, all of one agency, in the caller's transaction: 1 statement for all.

    None where nobody of the agency listens.
    """
    if facts and telling.listened_to(facts[0].agency_id):
        telling.tell(facts, now)


def take_back(*, cause: UUID) -> int:
    """What follows from `cause` and has not gone yet will not go; how many. 1 statement."""
    return Delivery.objects.filter(cause_id=cause, state=State.QUEUED, attempts=0).delete()[0]


@transaction.atomic
def register(
    *,
    agency_id: int,
    address: str,
    events: Collection[EventType],
    services: Collection[str],
    by: Actor,
    now: datetime,
) -> tuple[UUID, str]:
    """A new endpoint, and its secret, which nobody can read again.

    Refuses BadAddress, NothingChosen, TooManyEndpoints.
    """
    addresses.parsed(address)
    if Endpoint.objects.filter(agency_id=agency_id, removed_at=None).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    key, wrapped = privacy.new_wrapped_key()
    row, secret = Endpoint(id=new_id(), agency_id=agency_id, created_at=now), signing.new_secret()
    row.address, row.events, row.services = address, _chosen(events), sorted(set(services))
    row.wrapped_key, row.sealed_secret = wrapped, sealing.sealed(secret, row.id, key)
    row.save(force_insert=True)
    _changed(row, "registered", by, now)
    return row.id, secret


@transaction.atomic
def change(
    *,
    agency_id: int,
    endpoint_id: UUID,
    address: str,
    events: Collection[EventType],
    services: Collection[str],
    by: Actor,
    now: datetime,
) -> None:
    """What waits goes to the new address too. Refuses NoSuchEndpoint, BadAddress, NothingChosen."""
    row = _locked(agency_id, endpoint_id)
    addresses.parsed(address)
    row.address, row.events, row.services = address, _chosen(events), sorted(set(services))
    row.save(update_fields=["address", "events", "services"])
    _changed(row, "changed", by, now)


@transaction.atomic
def rotate_secret(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> str:
    """A new secret; the former one signs beside it for BOTH_SECRETS. Refuses NoSuchEndpoint."""
    row = _locked(agency_id, endpoint_id)
    secret, key = signing.new_secret(), privacy.unwrap(bytes(row.wrapped_key))
    row.sealed_former, row.former_until = row.sealed_secret, now + BOTH_SECRETS
    row.sealed_secret = sealing.sealed(secret, row.id, key)
    row.save(update_fields=["sealed_former", "former_until", "sealed_secret"])
    _changed(row, "secret_rotated", by, now)
    return secret


@transaction.atomic
def switch_on(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> None:
    """Sends again what happens from now on; what is parked waits for `send_again`. Refuses NoSuchEndpoint."""
    row = _locked(agency_id, endpoint_id)
    row.off, row.off_since, row.failures, row.failing_since = "", None, 0, None
    row.save(update_fields=["off", "off_since", "failures", "failing_since"])
    _changed(row, "switched_on", by, now)


@transaction.atomic
def switch_off(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> None:
    """Parks what waits; what happens meanwhile is not kept for it. Refuses NoSuchEndpoint."""
    row = _locked(agency_id, endpoint_id)
    row.off, row.off_since = Off.BY_HAND.value, now
    row.save(update_fields=["off", "off_since"])
    park_open(row.id, now)
    _changed(row, "switched_off", by, now)


@transaction.atomic
def remove(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> None:
    """The endpoint, its secrets and all its deliveries go. Refuses NoSuchEndpoint."""
    row = _locked(agency_id, endpoint_id)
    Delivery.objects.filter(endpoint=row).delete()
    row.sealed_secret, row.sealed_former, row.former_until = b"", None, None
    row.wrapped_key, row.removed_at, row.address = b"", now, ""
    row.save()
    _changed(row, "removed", by, now)


@transaction.atomic
def send_test(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> UUID:
    """An event about nothing, to try a receiver with; the delivery. Refuses NoSuchEndpoint, EndpointOff."""
    row = _locked(agency_id, endpoint_id)
    if row.off:
        raise EndpointOff()
    cause = uuid4()
    named = telling.event_id(cause, EventType.TEST)
    made = Delivery.objects.create(
        endpoint=row,
        event_id=named,
        cause_id=cause,
        type=EventType.TEST,
        body=telling.body(EventType.TEST, named, now, {}),
        created_at=now,
        due_at=now,
        give_up_at=now + telling.KEEP_TRYING,
    )
    _changed(row, "tested", by, now)
    return made.id


@transaction.atomic
def send_again(*, agency_id: int, delivery_id: UUID, by: Actor, now: datetime) -> None:
    """A parked delivery is tried for another 72 hours. Refuses NoSuchDelivery, EndpointOff."""
    row = Delivery.objects.filter(
        id=delivery_id, endpoint__agency_id=agency_id, endpoint__removed_at=None
    ).first()
    if row is None:
        raise NoSuchDelivery()
    endpoint = _locked(agency_id, row.endpoint_id)
    if not _queue(Delivery.objects.filter(id=delivery_id), endpoint, now):
        raise NoSuchDelivery()
    _changed(endpoint, "sent_again", by, now)


@transaction.atomic
def send_all_again(*, agency_id: int, endpoint_id: UUID, by: Actor, now: datetime) -> int:
    """All that is parked for an endpoint; how many. Refuses NoSuchEndpoint, EndpointOff."""
    endpoint = _locked(agency_id, endpoint_id)
    count = _queue(Delivery.objects.filter(endpoint=endpoint), endpoint, now)
    _changed(endpoint, "sent_again", by, now)
    return count


def park_open(endpoint_id: UUID, now: datetime) -> int:
    """What waits for an endpoint that gets nothing any more."""
    waiting = Delivery.objects.filter(endpoint_id=endpoint_id, state__in=OPEN)
    return waiting.update(state=State.PARKED, ended_at=now, trouble="endpoint_off")


def forget_old(*, now: datetime) -> int:
    """Deletes some of what arrived or was parked long ago; how many."""
    delivered = Delivery.objects.filter(state=State.DELIVERED, ended_at__lt=now - _KEPT_DELIVERED)
    parked = Delivery.objects.filter(state=State.PARKED, ended_at__lt=now - _KEPT_PARKED)
    return sum(
        Delivery.objects.filter(id__in=list(old.values_list("id", flat=True)[:_BATCH])).delete()[0]
        for old in (delivered, parked)
    )


@transaction.atomic
def rewrap_secrets() -> int:
    """Wraps the endpoints' keys anew under the current master key; how many were wrapped by another."""
    changed = 0
    for row in Endpoint.objects.select_for_update().filter(removed_at=None):
        wrapped = privacy.rewrap(bytes(row.wrapped_key))
        if wrapped is not None:
            row.wrapped_key = wrapped
            row.save(update_fields=["wrapped_key"])
            changed += 1
    return changed


def _queue(rows: QuerySet[Delivery], endpoint: Endpoint, now: datetime) -> int:
    if endpoint.off:
        raise EndpointOff()
    return rows.filter(state=State.PARKED).update(
        state=State.QUEUED, attempts=0, due_at=now, give_up_at=now + telling.KEEP_TRYING, ended_at=None
    )


def _chosen(events: Collection[EventType]) -> list[str]:
    chosen = [one.value for one in CHOOSABLE if one in events]
    if not chosen:
        raise NothingChosen()
    return chosen


def _locked(agency_id: int, endpoint_id: UUID) -> Endpoint:
    rows = Endpoint.objects.select_for_update().filter(id=endpoint_id, agency_id=agency_id, removed_at=None)
    row = rows.first()
    if row is None:
        raise NoSuchEndpoint()
    return row


def _changed(row: Endpoint, what: str, by: Actor, now: datetime) -> None:
    audit.record(f"webhook.{what}", by=by, about=f"webhook:{row.id}", now=now, agency=row.agency_id)
    telling.forget()
    # What this process remembers from within the transaction may be older than what it commits.
    transaction.on_commit(telling.forget)

"""Reads: endpoints with what waits for them, and deliveries."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from loket.webhooks import telling
from loket.webhooks.models import OPEN, Delivery, Endpoint
from loket.webhooks.types import DeliveryView, EndpointView, EventType, NoSuchEndpoint, Off, State


def anybody_listens(agency_id: int) -> bool:
    """Whether announcing is worth while. No statement while remembered, else 1."""
    return telling.listened_to(agency_id)


def endpoints(agency_ids: Collection[int]) -> tuple[EndpointView, ...]:
    """The oldest first; 2 statements."""
    rows = list(_kept().filter(agency_id__in=agency_ids).order_by("id"))
    return _views(rows)


def endpoint(*, agency_id: int, endpoint_id: UUID) -> EndpointView:
    """2 statements. Refuses NoSuchEndpoint."""
    found = _views(list(_kept().filter(agency_id=agency_id, id=endpoint_id)))
    if not found:
        raise NoSuchEndpoint()
    return found[0]


def deliveries(*, agency_id: int, endpoint_id: UUID, limit: int) -> tuple[DeliveryView, ...]:
    """The latest of one endpoint, whatever became of them; 1 statement."""
    return _told(_of(agency_id, endpoint_id), limit)


def parked(*, agency_id: int, endpoint_id: UUID, limit: int) -> tuple[DeliveryView, ...]:
    """The latest that were given up; 1 statement."""
    return _told(_of(agency_id, endpoint_id).filter(state=State.PARKED), limit)


def parked_after(
    *, agency_id: int, endpoint_id: UUID, after: UUID | None, limit: int
) -> tuple[DeliveryView, ...]:
    """Those that were given up, by their ids, for whoever reads them page by page; 1 statement."""
    rows = _of(agency_id, endpoint_id).filter(state=State.PARKED)
    later = rows if after is None else rows.filter(id__gt=after)
    return tuple(_delivery(row) for row in later.order_by("id")[:limit])


def counts() -> tuple[int, int]:
    """How many deliveries wait and how many are parked, for whoever watches the installation. 1 statement."""
    found = Delivery.objects.aggregate(
        waiting=Count("id", filter=Q(state__in=OPEN)), parked=Count("id", filter=Q(state=State.PARKED))
    )
    return found["waiting"], found["parked"]


def _kept() -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(removed_at=None)


def _of(agency_id: int, endpoint_id: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        endpoint_id=endpoint_id, endpoint__agency_id=agency_id, endpoint__removed_at=None
    )


def _views(rows: list[Endpoint]) -> tuple[EndpointView, ...]:
    grouped = (
        Delivery.objects.filter(endpoint__in=rows, state__in=[*OPEN, State.PARKED.value])
        .values("endpoint_id")
        .annotate(
            waiting=Count("id", filter=Q(state__in=OPEN)), parked=Count("id", filter=Q(state=State.PARKED))
        )
    )
    numbers = {one["endpoint_id"]: (one["waiting"], one["parked"]) for one in grouped}
    return tuple(_view(row, *numbers.get(row.id, (0, 0))) for row in rows)


def _view(row: Endpoint, waiting: int, parked: int) -> EndpointView:
    return EndpointView(
        id=row.id,
        agency_id=row.agency_id,
        address=row.address,
        events=tuple(EventType(one) for one in row.events),
        services=tuple(row.services),
        created_at=row.created_at,
        off=Off(row.off) if row.off else None,
        off_since=row.off_since,
        failures=row.failures,
        failing_since=row.failing_since,
        two_secrets_until=row.former_until,
        waiting=waiting,
        parked=parked,
    )


def _told(rows: QuerySet[Delivery], limit: int) -> tuple[DeliveryView, ...]:
    return tuple(_delivery(row) for row in rows.order_by("-created_at", "id")[:limit])


def _delivery(row: Delivery) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        event_id=row.event_id,
        type=EventType(row.type),
        reference=row.reference,
        state=State(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        attempted_at=row.attempted_at,
        ended_at=row.ended_at,
        status=row.status,
        trouble=row.trouble,
        answer=row.answer,
    )

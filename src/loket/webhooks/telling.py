"""Writing down who is to be told of what: one statement for all facts and all their receivers."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from loket.kernel.remembering import Remembered
from loket.webhooks.models import Delivery, Endpoint
from loket.webhooks.types import EventType, Fact, Off, State, shown_id

# A receiver may be away for a long weekend.
KEEP_TRYING = timedelta(hours=72)
_REMEMBERED_SECONDS = 5.0

_listening: Remembered[None, frozenset[int]] = Remembered(1, _REMEMBERED_SECONDS)


def forget() -> None:
    """Makes this process look again who listens; others notice within seconds."""
    _listening.forget()


def listened_to(agency_id: int) -> bool:
    """Whether anybody may want to be told. No statement while remembered, else 1."""
    return agency_id in _listening.get(None, _agencies)


def tell(facts: Sequence[Fact], now: datetime) -> None:
    """1 statement. What an endpoint that failed too long misses is parked for it at once.

    The endpoints are found by the statement itself, so that one that has just gone stops nobody's work.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Delivery._meta.db_table}" '  # noqa: S608
            "(id, endpoint_id, event_id, cause_id, subject_id, type, reference, body, created_at, due_at, "
            "give_up_at, state, ended_at, trouble, attempts, answer) "
            "SELECT gen_random_uuid(), e.id, f.event_id, f.cause_id, f.subject_id, f.type, f.reference, "
            "f.body, %(now)s, f.due_at, f.ends, "
            "CASE WHEN e.off = '' THEN %(queued)s ELSE %(parked)s END, "
            "CASE WHEN e.off = '' THEN NULL ELSE %(now)s END, "
            "CASE WHEN e.off = '' THEN '' ELSE 'endpoint_off' END, 0, '' "
            "FROM unnest(%(agencies)s::bigint[], %(services)s::text[], %(events)s::uuid[], "
            "%(causes)s::uuid[], %(subjects)s::uuid[], %(types)s::text[], %(references)s::text[], "
            "%(bodies)s::text[], %(dues)s::timestamptz[], %(ends)s::timestamptz[]) "
            "AS f(agency_id, service, event_id, cause_id, subject_id, type, reference, body, due_at, ends) "
            f'JOIN "{Endpoint._meta.db_table}" e ON e.agency_id = f.agency_id AND e.removed_at IS NULL '
            "AND e.off IN ('', %(failing)s) AND f.type = ANY(e.events) "
            "AND (cardinality(e.services) = 0 OR f.service = ANY(e.services)) "
            "ON CONFLICT DO NOTHING",
            {
                "now": now,
                "queued": State.QUEUED.value,
                "parked": State.PARKED.value,
                "failing": Off.FAILING.value,
                "agencies": [fact.agency_id for fact in facts],
                "services": [fact.service for fact in facts],
                "events": [event_id(fact.cause, fact.type) for fact in facts],
                "causes": [fact.cause for fact in facts],
                "subjects": [fact.subject_id for fact in facts],
                "types": [fact.type.value for fact in facts],
                "references": [fact.data.get("reference") or "" for fact in facts],
                "bodies": [body_of(fact) for fact in facts],
                "dues": [fact.not_before for fact in facts],
                "ends": [fact.not_before + KEEP_TRYING for fact in facts],
            },
        )


def event_id(cause: uuid.UUID, kind: EventType) -> uuid.UUID:
    """The same for ever, so that a receiver knows it again."""
    return uuid.uuid5(cause, kind.value)


def body_of(fact: Fact) -> str:
    return body(fact.type, event_id(fact.cause, fact.type), fact.at, dict(fact.data))


def body(kind: EventType, named: uuid.UUID, at: datetime, data: dict[str, str | None]) -> str:
    """As it is signed and sent, to the byte."""
    told = {"type": kind.value, "id": shown_id(named), "timestamp": at.isoformat(), "data": data}
    return json.dumps(told, separators=(",", ":"))


def _agencies() -> frozenset[int]:
    kept = Endpoint.objects.filter(removed_at=None, off__in=["", Off.FAILING.value])
    return frozenset(kept.values_list("agency_id", flat=True))

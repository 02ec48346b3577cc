"""Recording looks at people's data."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel.actors import Actor, ActorKind
from loket.kernel.refusals import Refusal
from loket.privacy.models import AccessRow
from loket.privacy.types import AccessKind

_LISTED_ONCE_A_DAY = """
WITH unseen AS (
    SELECT array_agg(case_id) AS ids FROM unnest(%(case_ids)s::uuid[]) AS case_id
    WHERE NOT EXISTS (
        SELECT FROM privacy_accessrow AS seen
        WHERE seen.actor_id = %(actor_id)s AND seen.kind = %(kind)s AND seen.agency_id = %(agency_id)s
        AND seen.at > %(now)s::timestamptz - interval '1 day' AND seen.case_ids @> ARRAY[case_id]
    )
)
INSERT INTO privacy_accessrow
    (at, shown_from, actor_id, actor_name, agency_id, agency_names, case_ids, kind, reason)
SELECT %(now)s, %(now)s, %(actor_id)s, %(actor_name)s, %(agency_id)s, %(agency_names)s::jsonb, ids,
    %(kind)s, %(reason)s
FROM unseen WHERE ids IS NOT NULL
"""


class ReasonMissing(Refusal):
    """A look at a case outside one's assigned work needs a reason."""

    code = "reason_missing"


def record_access(
    *,
    by: Actor,
    case_id: UUID,
    agency_id: int,
    reason: str,
    now: datetime,
    kind: AccessKind = AccessKind.OPENED,
    hidden_for: timedelta = timedelta(),
) -> None:
    """Writes down that staff looked at a case (1 statement). Call it before showing anything.

    `reason` is ASSIGNED_WORK or what they typed; the subject reads it. Raises ReasonMissing.
    """
    _record(by, (case_id,), agency_id, reason, kind, now, hidden_for)


def record_bulk_access(
    *,
    by: Actor,
    case_ids: Collection[UUID],
    agency_id: int,
    reason: str,
    now: datetime,
    kind: AccessKind,
    hidden_for: timedelta = timedelta(),
) -> None:
    """One record for a list or a search that showed many cases (1 statement, none where there were none)."""
    if case_ids:
        _record(by, case_ids, agency_id, reason, kind, now, hidden_for)


def record_listing(
    *, by: Actor, case_ids: Collection[UUID], agency_id: int, reason: str, now: datetime
) -> None:
    """A list showed these cases: one record a day for each person and case (1 statement).

    Else a case that stands on the first page of a busy desk would gather thousands of them.
    """
    _check(by, reason)
    with connection.cursor() as cursor:
        cursor.execute(
            _LISTED_ONCE_A_DAY,
            {
                "now": now,
                "actor_id": by.id,
                "actor_name": by.name,
                "agency_id": agency_id,
                "agency_names": json.dumps(_names(agency_id)),
                "case_ids": list(case_ids),
                "kind": AccessKind.LISTED.value,
                "reason": reason.strip(),
            },
        )


def record_export(
    *, by: Actor, case_ids: Collection[UUID], agency_id: int, reason: str, now: datetime
) -> None:
    """One record that names every exported case, and one in the audit record (2 statements)."""
    _record(by, case_ids, agency_id, reason, AccessKind.EXPORTED, now, timedelta())
    audit.record("cases.exported", by=by, about=f"agency:{agency_id}", now=now, cases=len(case_ids))


def _record(
    by: Actor,
    case_ids: Collection[UUID],
    agency_id: int,
    reason: str,
    kind: AccessKind,
    now: datetime,
    hidden_for: timedelta,
) -> None:
    _check(by, reason)
    AccessRow.objects.create(
        at=now,
        shown_from=now + hidden_for,
        actor_id=by.id,
        actor_name=by.name,
        agency_id=agency_id,
        agency_names=_names(agency_id),
        case_ids=list(case_ids),
        kind=kind.value,
        reason=reason.strip(),
    )


def _check(by: Actor, reason: str) -> None:
    if by.kind is not ActorKind.STAFF or not by.id:
        raise ValueError("only looks by staff are recorded, and staff have an id")
    if not reason.strip():
        raise ReasonMissing


def _names(agency_id: int) -> dict[str, str]:
    agency = identity.agency_by_id(agency_id)
    return {} if agency is None else dict(agency.names)

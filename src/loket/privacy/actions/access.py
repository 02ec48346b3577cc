"""Recording looks at people's data."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel.actors import Actor, ActorKind
from loket.privacy.models import AccessRow
from loket.privacy.types import AccessKind


def record_access(
    *,
    by: Actor,
    case_id: UUID,
    agency_id: int,
    reason: str,
    now: datetime,
    kind: AccessKind = AccessKind.CASE,
    hidden_for: timedelta = timedelta(),
) -> None:
    """Writes down that staff looked at a case (1 statement). Call it before showing anything.

    `reason` is what they typed, and the subject reads it; empty only where the case is their assigned work,
    which the caller has to know.
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


def record_export(
    *, by: Actor, case_ids: Collection[UUID], agency_id: int, reason: str, now: datetime
) -> None:
    """One record that names every exported case, and one in the audit record (2 statements)."""
    _record(by, case_ids, agency_id, reason, AccessKind.EXPORT, now, timedelta())
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
    if by.kind is not ActorKind.STAFF or not by.id:
        raise ValueError("only looks by staff are recorded, and staff have an id")
    agency = identity.agency_by_id(agency_id)
    AccessRow.objects.create(
        at=now,
        shown_from=now + hidden_for,
        actor_id=by.id,
        actor_name=by.name,
        agency_id=agency_id,
        agency_names={} if agency is None else dict(agency.names),
        case_ids=list(case_ids),
        kind=kind.value,
        reason=reason.strip(),
    )

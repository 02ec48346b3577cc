"""Recording looks at people's data."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.kernel.actors import Actor, ActorKind
from loket.kernel.refusals import Refusal
from loket.privacy.models import AccessRow
from loket.privacy.types import AccessKind


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
    if by.kind is not ActorKind.STAFF or not by.id:
        raise ValueError("only looks by staff are recorded, and staff have an id")
    if not reason.strip():
        raise ReasonMissing
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

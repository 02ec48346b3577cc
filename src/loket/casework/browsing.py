"""An agency's cases for its programs: all of them, in the order in which they came, a page at a time."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import QuerySet

from loket.casework import stages
from loket.casework.entries import CaseEntry, CaseFilters
from loket.casework.models import Case, CaseEvent
from loket.casework.types import Phase
from loket.catalogue import queries as catalogue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cases_of(agency_id: int, filters: CaseFilters, after: UUID | None, most: int) -> tuple[CaseEntry, ...]:
    """At most `most` cases that came after `after` (1 statement). Nothing of what anybody wrote."""
    rows = _narrowed(Case.objects.filter(agency_id=agency_id, erased_at=None), agency_id, filters)
    if after is not None:
        rows = rows.filter(id__gt=after)
    # The sealed columns are wide.
    rows = rows.defer("sealed_answers", "sealed_contact", "display")
    return tuple(_entry(row) for row in rows.order_by("id")[:most])


def _narrowed(rows: QuerySet[Case], agency_id: int, filters: CaseFilters) -> QuerySet[Case]:
    if filters.service:
        rows = rows.filter(service__key=filters.service)
    if filters.phase:
        rows = rows.filter(phase=filters.phase)
    if filters.stage:
        rows = rows.filter(stage=filters.stage)
    if filters.reference:
        rows = rows.filter(reference=filters.reference)
    if filters.updated_since:
        # Ids of events are in the order of time, and indexed.
        happened = CaseEvent.objects.filter(agency_id=agency_id, id__gte=_first_id(filters.updated_since))
        rows = rows.filter(id__in=happened.values("case_id"))
    return rows


def _first_id(moment: datetime) -> UUID:
    """No id made from this moment on is smaller (RFC 9562, version 7)."""
    milliseconds = max(0, int((moment - _EPOCH).total_seconds() * 1000))
    return UUID(int=min(milliseconds, 2**48 - 1) << 80)


def _entry(case: Case) -> CaseEntry:
    service = catalogue.compiled(case.version_id)
    return CaseEntry(
        id=case.id,
        reference=case.reference,
        service=service.service.key,
        title=service.title,
        stage=case.stage,
        stage_label=stages.label_of(service, case.stage),
        phase=Phase(case.phase),
        outcome=case.outcome,
        revision=case.revision,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
    )

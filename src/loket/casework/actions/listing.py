"""Lists and look-ups: what they show of people is seen too, so each leaves one record for all its cases."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.casework import policies
from loket.casework.indexing import index_digest
from loket.casework.models import Case, CaseIndex
from loket.casework.types import Filters, Worklist
from loket.casework.worklists import worklist
from loket.identity.types import StaffMember
from loket.kernel.ids import normalised_reference
from loket.privacy import actions as privacy
from loket.privacy.types import ASSIGNED_WORK, AccessKind

_MOST_FOUND = 50


def list_cases(*, staff: StaffMember, filters: Filters, cursor: str, now: datetime) -> Worklist:
    """One page of the cases this person works, and a record that they saw what it shows of each."""
    page = worklist(staff, filters, cursor, now)
    _record(staff, ((row.agency_id, row.id) for row in page.rows if row.display), AccessKind.LISTED, now)
    return page


@transaction.atomic
def look_up(*, staff: StaffMember, typed: str, now: datetime) -> tuple[str, ...]:
    """References of this person's agencies' cases that the typed reference or indexed answer names.

    Leaves a record with each case that was found by an answer; a reference tells nothing of anybody.
    """
    agencies = sorted({post.agency_id for post in policies.working_posts(staff)})
    reference = normalised_reference(typed)
    if reference is not None:
        found = Case.objects.filter(reference=reference, agency_id__in=agencies, erased_at=None)
        references = tuple(found.values_list("reference", flat=True))
        if references:
            return references
    digests = [index_digest(agency_id, typed) for agency_id in agencies]
    matches = CaseIndex.objects.filter(agency_id__in=agencies, digest__in=digests).select_related("case")
    rows = list(matches.order_by("-id")[:_MOST_FOUND])
    _record(staff, ((row.agency_id, row.case_id) for row in rows), AccessKind.LOOKED_UP, now)
    return tuple(dict.fromkeys(row.case.reference for row in rows))


def _record(staff: StaffMember, seen: Iterable[tuple[int, UUID]], kind: AccessKind, now: datetime) -> None:
    """One statement an agency, none where nothing was seen."""
    by_agency: dict[int, list[UUID]] = defaultdict(list)
    for agency_id, case_id in seen:
        by_agency[agency_id].append(case_id)
    for agency_id, case_ids in by_agency.items():
        privacy.record_bulk_access(
            by=staff.actor,
            case_ids=tuple(dict.fromkeys(case_ids)),
            agency_id=agency_id,
            reason=ASSIGNED_WORK,
            kind=kind,
            now=now,
        )

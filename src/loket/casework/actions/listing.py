"""Lists and look-ups: what they show of people is seen too, so each leaves one record for all its cases."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from loket.privacy.types import ASSIGNED_WORK, EXACT_ANSWER, AccessKind

_MOST_FOUND = 50


def list_cases(*, staff: StaffMember, filters: Filters, cursor: str, now: datetime) -> Worklist:
    """One page of the cases this person works, and a record that they saw what it shows of each."""
    page = worklist(staff, filters, cursor, now)
    for agency_id, case_ids in _by_agency(
        (row.agency_id, row.id) for row in page.rows if row.display
    ).items():
        privacy.record_listing(
            by=staff.actor, case_ids=case_ids, agency_id=agency_id, reason=ASSIGNED_WORK, now=now
        )
    return page


@transaction.atomic
def look_up(*, staff: StaffMember, typed: str, now: datetime) -> tuple[str, ...]:
    """References that the typed reference or indexed answer names.

    Among all cases of the agencies this person works for. A reference tells nothing of anybody; what was
    found by an answer gets a record, which says whether it was their work.
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
    for reason, works in ((ASSIGNED_WORK, True), (EXACT_ANSWER, False)):
        found_so = (row.case for row in rows if _is_work(staff, row.case) is works)
        for agency_id, case_ids in _by_agency((case.agency_id, case.id) for case in found_so).items():
            privacy.record_bulk_access(
                by=staff.actor,
                case_ids=case_ids,
                agency_id=agency_id,
                reason=reason,
                kind=AccessKind.LOOKED_UP,
                now=now,
            )
    return tuple(dict.fromkeys(row.case.reference for row in rows))


def _is_work(staff: StaffMember, case: Case) -> bool:
    return policies.may_work(staff, case.agency_id, case.team_id)


def _by_agency(seen: Iterable[tuple[int, UUID]]) -> Mapping[int, tuple[UUID, ...]]:
    found: dict[int, dict[UUID, None]] = defaultdict(dict)
    for agency_id, case_id in seen:
        found[agency_id][case_id] = None
    return {agency_id: tuple(case_ids) for agency_id, case_ids in found.items()}

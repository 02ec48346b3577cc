"""Reads. What staff reads of a person's answers is an action, because it leaves a record."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from loket.casework import policies, timeline
from loket.casework.browsing import cases_of
from loket.casework.models import Case, CaseEvent, CasePaper, Notice
from loket.casework.papers import papers_of
from loket.casework.standing import standing
from loket.casework.tracking import (
    applicant_case,
    applicant_file,
    case_status,
    open_reply,
    status_of_reference,
)
from loket.casework.types import NoticeRow, PaperKind, PaperView, Phase, UndoOffer
from loket.catalogue import queries as catalogue
from loket.identity.types import StaffMember
from loket.kernel.prepared import Prepared

__all__ = [
    "any_case",
    "applicant_case",
    "applicant_file",
    "case_id",
    "case_of_reference",
    "case_status",
    "cases_of",
    "due_timers",
    "keys_of_cases",
    "notices",
    "open_reply",
    "overdue_follow_ups",
    "papers",
    "receipt_file",
    "reference_of",
    "references_of",
    "standing",
    "status_of_reference",
    "undo_offer",
    "waits_for_fee",
]

_CASE_OF_REFERENCE = Prepared(
    lambda reference: Case.objects.filter(reference=reference).values_list("id", flat=True)[:1]
)
_MOST_FOUND = 50
_MOST_NOTICES = 100


def case_of_reference(reference: str) -> UUID | None:
    """For whoever just sent the application: the caller has made sure (1 statement)."""
    return _CASE_OF_REFERENCE.first(reference)


def keys_of_cases() -> Iterator[tuple[UUID, str, UUID]]:
    """Id, reference and key of every case that is not erased, read in pieces (1 statement)."""
    rows = Case.objects.filter(erased_at=None).order_by("id").values_list("id", "reference", "key_id")
    return rows.iterator(chunk_size=2_000)


def notices(staff: StaffMember, *, received: bool) -> tuple[NoticeRow, ...]:
    """What other agencies told this person's agencies, the latest first."""
    agencies = {post.agency_id for post in policies.working_posts(staff)}
    rows = Notice.objects.filter(
        agency_id__in=agencies, received_at__isnull=not received, case__erased_at=None
    )
    return tuple(
        NoticeRow(
            row.id,
            row.told_at,
            row.received_at,
            row.case.agency_id,
            catalogue.compiled(row.case.version_id).title,
            row.case.reference,
        )
        for row in rows.select_related("case").order_by("-id")[:_MOST_NOTICES]
    )


def references_of(case_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The references of cases that were not erased (1 statement); they tell nothing of anybody."""
    return dict(Case.objects.filter(id__in=case_ids, erased_at=None).values_list("id", "reference"))


def case_id(reference: str) -> UUID:
    """Raises Case.DoesNotExist's base ObjectDoesNotExist."""
    return Case.objects.values_list("id", flat=True).get(reference=reference)


def reference_of(case_id: UUID) -> str:
    """Empty where there is no such case (1 statement)."""
    return Case.objects.filter(id=case_id).values_list("reference", flat=True).first() or ""


def papers(case_id: UUID) -> tuple[PaperView, ...]:
    """The documents of a case, also those still to be made, oldest first (3 statements)."""
    case = Case.objects.get(id=case_id)
    return papers_of(case, catalogue.compiled(case.version_id))


def receipt_file(case_id: UUID, payment_id: UUID) -> UUID | None:
    """The receipt for a payment of a case, to download; None until it is made (1 statement)."""
    return (
        CasePaper.objects.filter(case_id=case_id, kind=PaperKind.RECEIPT, key=str(payment_id))
        .values_list("file_id", flat=True)
        .first()
    )


def waits_for_fee(case_id: UUID) -> bool:
    """Whether the case begins when its fee is paid (1 statement)."""
    return Case.objects.filter(id=case_id, phase=Phase.UNPAID).exists()


def any_case() -> bool:
    """Whether anybody has applied yet."""
    return Case.objects.exists()


def undo_offer(event_id: UUID, staff: StaffMember, now: datetime) -> UndoOffer | None:
    """Whether what this person just did may still be taken back. Opens no key."""
    event = (
        CaseEvent.objects.select_related("case").filter(id=event_id, actor_id=str(staff.person_id)).first()
    )
    if event is None or event.undone_at or event.followed_up_at or event.settles_at <= now:
        return None
    if timeline.moved_since(event):
        return None
    what = timeline.undoable(catalogue.compiled(event.case.version_id), event)
    return UndoOffer(event.id, what, event.settles_at) if what else None


def overdue_follow_ups(settled_before: datetime, limit: int) -> tuple[UUID, ...]:
    """Events whose effects should have gone out by then and have not."""
    rows = CaseEvent.objects.filter(
        settles_at__lt=settled_before, followed_up_at=None, undone_at=None, case__erased_at=None
    )
    return tuple(rows.order_by("settles_at").values_list("id", flat=True)[:limit])


def due_timers(now: datetime, limit: int) -> tuple[UUID, ...]:
    """Cases whose stage has run out."""
    rows = Case.objects.filter(stage_due_at__lte=now).order_by("stage_due_at").values_list("id", flat=True)
    return tuple(rows[:limit])

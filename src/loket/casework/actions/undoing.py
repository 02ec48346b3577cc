"""Taking back an action within the minute in which nothing has gone out yet."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.casework import collecting, policies
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.refusals import NoSuchCase, TooLateToUndo
from loket.casework.timeline import REVERSIBLE, moved_since
from loket.casework.types import Happened
from loket.identity.types import StaffMember
from loket.webhooks import actions as webhooks


@transaction.atomic
def undo(*, event_id: UUID, staff: StaffMember, now: datetime) -> None:
    """Puts the case back where it was before the event; the event stays on the timeline as undone.

    Refuses NoSuchCase, and TooLateToUndo once its effects went out or something else happened since.
    """
    event = CaseEvent.objects.select_for_update().filter(id=event_id, happened__in=REVERSIBLE).first()
    case = Case.objects.select_for_update().get(id=event.case_id) if event else None
    if event is None or case is None or not _may_undo(staff, case, event):
        raise NoSuchCase()
    settled = event.undone_at or event.followed_up_at or now >= event.settles_at
    if settled or case.erased_at or moved_since(event):
        raise TooLateToUndo()
    event.undone_at = now
    event.save(update_fields=["undone_at"])
    _put_back(case, event.before)
    if event.happened == Happened.ARRIVED:
        collecting.taken_back(case)
    Inquiry.objects.filter(event=event).update(withdrawn_at=now)
    webhooks.take_back(cause=event.id)
    audit.record("case.undone", by=staff.actor, about=f"case:{case.reference}", now=now, stage=case.stage)


def _may_undo(staff: StaffMember, case: Case, event: CaseEvent) -> bool:
    """The person who acted, or who works the case where it came from."""
    team_id = event.before.get("team_id")
    return policies.may_work(staff, case.agency_id, team_id if isinstance(team_id, int) else None)


def _put_back(case: Case, before: dict[str, str | int | None]) -> None:
    for name in ("stage", "phase"):
        setattr(case, name, before[name])
    if case.team_id != before["team_id"]:
        # Back with the team that knew it. In the same team, whoever took the case on meanwhile keeps it.
        whose = before["assigned_to_id"]
        case.team_id, case.unread = before["team_id"], False
        case.assigned_to_id = UUID(str(whose)) if whose else None
    for name in ("entered_at", "due_at", "stage_due_at"):
        moment = before[name]
        setattr(case, name, datetime.fromisoformat(str(moment)) if moment else None)
    case.closed_at, case.outcome = None, ""
    case.revision += 1
    case.save()

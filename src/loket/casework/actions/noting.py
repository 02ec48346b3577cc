"""What staff does on a case without moving it: notes, and taking it on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.casework import policies, sealing
from loket.casework.models import Case, CaseEvent
from loket.casework.refusals import NoSuchCase
from loket.casework.types import Happened
from loket.identity.types import StaffMember
from loket.kernel.ids import new_id
from loket.privacy import actions as privacy

MOST_OF_A_NOTE = 5000


@transaction.atomic
def add_note(*, case_id: UUID, text: str, staff: StaffMember, now: datetime) -> None:
    """Adds a note that only staff reads. An empty one is left out. Refuses NoSuchCase."""
    case = _workable(case_id, staff)
    if text.strip():
        add_to(case, text=text, staff=staff, now=now)


def add_to(case: Case, *, text: str, staff: StaffMember, now: datetime) -> None:
    """The same for a case whose officer was asked who they are already, in their transaction."""
    key = privacy.open_key(case.key_id)
    _add(case, Happened.NOTED, staff, now, sealing.seal(key, case, "note", text.strip()[:MOST_OF_A_NOTE]))


@transaction.atomic
def assign_to_self(*, case_id: UUID, staff: StaffMember, now: datetime) -> None:
    """Takes the case on; whoever had it is told by the timeline. Refuses NoSuchCase."""
    case = _workable(case_id, staff)
    if case.assigned_to_id != staff.person_id:
        case.assigned_to_id = staff.person_id
        case.save(update_fields=["assigned_to"])
        _add(case, Happened.ASSIGNED, staff, now, None)
        audit.record("case.assigned", by=staff.actor, about=f"case:{case.reference}", now=now)


def _workable(case_id: UUID, staff: StaffMember) -> Case:
    case = Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()
    if case is None or not policies.may_work(staff, case.agency_id, case.team_id):
        raise NoSuchCase()
    return case


def _add(case: Case, happened: Happened, staff: StaffMember, now: datetime, sealed: bytes | None) -> None:
    CaseEvent.objects.create(
        id=new_id(),
        case=case,
        agency_id=case.agency_id,
        happened=happened,
        at=now,
        actor_kind=staff.actor.kind,
        actor_id=staff.actor.id,
        actor_name=staff.actor.name,
        sealed_details=sealed,
        settles_at=now,
        followed_up_at=now,
    )

"""Cases that were erased, and came back with an older state of the data."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.casework.models import Case
from loket.casework.types import Phase
from loket.kernel.actors import Actor
from loket.privacy import actions as privacy
from loket.privacy.types import Subject, SubjectKind
from loket.workflow.definition import Outcome


@transaction.atomic
def erase_again(*, case_id: UUID, by: Actor, now: datetime) -> bool:
    """Erases a case whose key is gone, also one that was open back then; whether there was one to erase.

    Nothing goes out about it any more. Leaves the record of an erasure. Passes on a holding's Refusal.
    """
    case = Case.objects.select_for_update().filter(id=case_id, erased_at=None).first()
    if case is None:
        return False
    if case.phase != Phase.CLOSED:
        case.phase, case.outcome, case.closed_at = Phase.CLOSED, Outcome.WITHDRAWN, now
        case.stage_due_at = None
        case.save(update_fields=["phase", "outcome", "closed_at", "stage_due_at"])
        case.events.filter(followed_up_at=None, undone_at=None).update(followed_up_at=now)
        case.inquiries.filter(answered_at=None, withdrawn_at=None).update(withdrawn_at=now)
    privacy.erase_subject(subject=Subject(SubjectKind.CASE, case_id), by=by, now=now)
    return True

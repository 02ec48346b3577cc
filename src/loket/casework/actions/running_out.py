"""A stage has run out: the fee was not paid, or something that a stage waits for did not happen."""

from datetime import datetime
from uuid import UUID

from loket.casework.actions import moving, paying
from loket.casework.models import Case
from loket.casework.types import Phase


def time_out(*, case_id: UUID, now: datetime) -> bool:
    """Moves a case whose stage has run out; False where it no longer has. Idempotent."""
    if Case.objects.filter(id=case_id, phase=Phase.UNPAID).exists():
        return paying.lapse(case_id=case_id, now=now)
    return moving.time_out(case_id=case_id, now=now)

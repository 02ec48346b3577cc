"""How the queue of background jobs stands, whoever put them there."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """`due`: could run now. `failed`: given up, and still in the table. `oldest_seconds`: of those due."""

    due: int
    running: int
    failed: int
    oldest_seconds: float


def standing(now: datetime) -> QueueStanding:
    """2 statements. Jobs that went well are deleted, so what is counted is what waits and what failed."""
    at_once = Q(status="todo", scheduled_at=None)
    later = Q(status="todo", scheduled_at__lte=now)
    counted = ProcrastinateJob.objects.aggregate(
        due=Count("id", filter=at_once | later),
        running=Count("id", filter=Q(status="doing")),
        failed=Count("id", filter=Q(status="failed")),
        since=Min("scheduled_at", filter=later),
        first=Min("id", filter=at_once),
    )
    deferred = (
        ProcrastinateEvent.objects.filter(job_id=counted["first"], type="deferred")
        .values_list("at", flat=True)
        .first()
    )
    waiting = [moment for moment in (counted["since"], deferred) if moment is not None]
    oldest = max(((now - moment).total_seconds() for moment in waiting), default=0.0)
    return QueueStanding(counted["due"], counted["running"], counted["failed"], max(oldest, 0.0))

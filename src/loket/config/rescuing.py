"""Jobs whose worker died: taken up again, for nobody else would ever look at them.

Imported by the worker alone. Every job is written to be safe to repeat.
"""

import logging

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

_DEAD_AFTER = settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"]
# A job that kills whoever takes it up is left for people to look at.
_MOST_TRIES = 20

_log = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */10")
@app.task(name="config.take_up_again", queueing_lock="config.take_up_again", priority=20, pass_context=True)
async def take_up_again(context: JobContext, timestamp: int) -> None:
    """Hands out again what was begun by a worker that gives no sign of life."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
        await _take_up(manager, job)


async def _take_up(manager: JobManager, job: Job) -> None:
    _log.warning("job %s of a dead worker is taken up again", job.id)
    try:
        if job.attempts >= _MOST_TRIES:
            await manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)
    except UniqueViolation:
        # The same work waits already, under the same lock.
        if job.queueing_lock:
            await manager.finish_job(job, Status.ABORTED, delete_job=True)

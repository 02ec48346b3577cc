"""Short jobs, done without a worker's ceremony: looked up many at a time, each done and struck off in one go.

A worker of procrastinate marks every job as begun and as ended, each in a transaction of its own, which costs
more than a short job itself. Here the job's row goes in the transaction that does the job: both or neither,
whatever is killed when. What fails goes to the worker, who tries it again with pauses.
"""

import json
import logging
from threading import Event

from django.db import close_old_connections, connection, connections, transaction
from procrastinate.contrib.django import app

from loket.casework.queues import SWIFT, WORKERS
from loket.config.logs import CARRIED
from loket.kernel import request_ids

_AT_ONCE = 50
_IDLE = 0.25
_AFTER_TROUBLE = 1.0
_DUE = """
SELECT id FROM procrastinate_jobs
WHERE status = 'todo' AND queue_name = %s AND (scheduled_at IS NULL OR scheduled_at <= now())
ORDER BY priority DESC, id LIMIT %s
"""
# Another may be at it, or have done it.
_STRUCK_OFF = """
DELETE FROM procrastinate_jobs
WHERE id = (SELECT id FROM procrastinate_jobs WHERE id = %s AND status = 'todo' FOR UPDATE SKIP LOCKED)
RETURNING task_name, args
"""
_HANDED_ON = "UPDATE procrastinate_jobs SET queue_name = %s WHERE id = %s AND status = 'todo'"

logger = logging.getLogger(__name__)


def queues_for_workers() -> list[str]:
    """All others, for the worker to listen to."""
    return sorted({task.queue for task in app.tasks.values()} - {SWIFT})


def run(stop: Event) -> None:
    """Does what falls due until told to stop; the job at hand is finished."""
    try:
        while not stop.is_set():
            try:
                busy = _round(stop)
            except Exception as trouble:
                # Only its kind: its words may quote what somebody typed.
                logger.warning("swift_jobs_wait trouble=%s", type(trouble).__name__)
                close_old_connections()
                stop.wait(_AFTER_TROUBLE)
            else:
                if not busy:
                    stop.wait(_IDLE)
    finally:
        connections.close_all()


def drain() -> None:
    """Does all that is due, and returns."""
    while _round(Event()):
        pass


def _round(stop: Event) -> int:
    """How many were done or handed on."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [SWIFT, _AT_ONCE])
        due = [row[0] for row in cursor.fetchall()]
    return sum(_done(job_id) for job_id in due if not stop.is_set())


def _done(job_id: int) -> bool:
    """Whether there is one fewer; False where another has it."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_STRUCK_OFF, [job_id])
                found = cursor.fetchone()
            if found is not None:
                _do(job_id, *found)
            return found is not None
    except Exception as trouble:
        logger.warning("swift_job_failed job=%s trouble=%s", job_id, type(trouble).__name__)
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute(_HANDED_ON, [WORKERS, job_id])
        return True


def _do(job_id: int, task: str, written: str) -> None:
    # Django has JSON given as it is written.
    arguments = json.loads(written)
    with request_ids.working_on(str(arguments.pop(CARRIED, ""))):
        app.tasks[task].func(**arguments)
        logger.info("swift_job_done job=%s task=%s", job_id, task)

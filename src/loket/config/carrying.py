"""Jobs carry the id of the request that deferred them, so that one search finds all that it led to.

The id travels as one more argument and is taken off again before the task sees its own.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from procrastinate import App
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from loket.config.logs import CARRIED
from loket.kernel import request_ids
from loket.web import traces


class CarryingManager(JobManager):
    """Marks what is deferred while a request is answered, or by a job that such a request led to."""

    def _defer_jobs_query_kwargs(self, jobs: Sequence[Job]) -> dict[str, Any]:
        return super()._defer_jobs_query_kwargs([_marked(job) for job in jobs])


def carry(app: App) -> None:
    """Called by procrastinate once its app is made (PROCRASTINATE_ON_APP_READY)."""
    app.job_manager = CarryingManager(connector=app.connector)
    # After those that are there: they give connections back.
    others = app.worker_defaults.get("task_middleware", [])
    app.worker_defaults = {**app.worker_defaults, "task_middleware": [*others, work_under_its_name]}


def work_under_its_name(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """The worker's middleware: what the job logs and defers goes by the same id."""
    arguments = context.job.task_kwargs
    request_id = str(arguments.pop(CARRIED, ""))
    try:
        with request_ids.working_on(request_id), traces.span(f"job {context.job.task_name}") as told:
            told.also({"loket.job": context.job.id or 0, "loket.request_id": request_id})
            return call_next()
    finally:
        # A worker's threads may be idle for long, and there are many of them.
        connections.close_all()
        if request_id:
            # Procrastinate's own words about how it went are told with it too.
            arguments[CARRIED] = request_id


def _marked(job: Job) -> Job:
    request_id = request_ids.current()
    return job.evolve(task_kwargs={**job.task_kwargs, CARRIED: request_id}) if request_id else job

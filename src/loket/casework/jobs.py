"""Background work: a clock reading and ids go in, one action comes of it."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from loket.casework import actions, papers, queries, reminding
from loket.casework.actions import AHEAD
from loket.casework.queues import WORKERS
from loket.kernel import clock

_AT_ONCE = 500
# A follow-up that is this late has lost its job.
_LATE = timedelta(minutes=10)
# Longer than any pause between two tries: nobody tries any more, or their job was lost between them.
_TRIED_OUT = timedelta(hours=1)
# For a database or a key store that is away: the last try is a good hour after the first.
_AGAIN = RetryStrategy(max_attempts=11, exponential_wait=2)


@app.task(name="casework.follow_up", queue=WORKERS, retry=_AGAIN, priority=AHEAD)
def follow_up(event_id: str) -> None:
    actions.follow_up(event_id=UUID(event_id), now=clock.now())


@app.task(name="casework.time_out", queue=WORKERS, retry=_AGAIN, priority=AHEAD)
def time_out(case_id: str) -> None:
    actions.time_out(case_id=UUID(case_id), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="casework.run_timers", priority=AHEAD, queue=WORKERS, queueing_lock="casework.run_timers")
def run_timers(timestamp: int) -> None:
    """One job for each case whose stage has run out, so that one that fails holds up none of the others."""
    for case_id in queries.due_timers(clock.now(), _AT_ONCE):
        with suppress(AlreadyEnqueued):
            time_out.configure(queueing_lock=f"casework.time_out:{case_id}").defer(case_id=str(case_id))


@app.task(name="casework.remind", queue=WORKERS, retry=_AGAIN)
def remind(reminder_id: str) -> None:
    reminding.send(reminder_id=UUID(reminder_id), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="casework.run_reminders", queue=WORKERS, queueing_lock="casework.run_reminders")
def run_reminders(timestamp: int) -> None:
    """One job for each reminder that is due; one whose job was lost is found again the next minute."""
    for reminder_id in reminding.due(clock.now(), _AT_ONCE):
        with suppress(AlreadyEnqueued):
            remind.configure(queueing_lock=f"casework.remind:{reminder_id}").defer(
                reminder_id=str(reminder_id)
            )


@app.task(name=papers.MAKE_JOB, queue=WORKERS, retry=_AGAIN)
def make_paper(paper_id: str) -> None:
    actions.make_paper(paper_id=UUID(paper_id), now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="casework.catch_up", priority=AHEAD, queue=WORKERS, queueing_lock="casework.catch_up")
def catch_up(timestamp: int) -> None:
    """Defers again what a killed worker left behind, or what failed until its tries were used up."""
    for event_id in queries.overdue_follow_ups(clock.now() - _LATE, _AT_ONCE):
        with suppress(AlreadyEnqueued):
            follow_up.configure(queueing_lock=f"casework.catch_up:{event_id}").defer(event_id=str(event_id))
    asked, failed = clock.now() - _LATE, clock.now() - _TRIED_OUT
    for paper_id in papers.waiting(asked_before=asked, failed_before=failed, limit=_AT_ONCE):
        with suppress(AlreadyEnqueued):
            make_paper.configure(queueing_lock=f"{papers.MAKE_JOB}:{paper_id}").defer(paper_id=str(paper_id))

"""Background work: a clock reading and ids go in, one action comes of it."""

from uuid import UUID

from procrastinate.contrib.django import app

from loket.casework import actions, queries
from loket.kernel import clock

_TIMERS_AT_ONCE = 500


@app.task(name="casework.follow_up", queue="casework", retry=10)
def follow_up(event_id: str) -> None:
    actions.follow_up(event_id=UUID(event_id), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="casework.run_timers", queue="casework", queueing_lock="casework.run_timers")
def run_timers(timestamp: int) -> None:
    """Moves every case whose stage has run out."""
    now = clock.now()
    for case_id in queries.due_timers(now, _TIMERS_AT_ONCE):
        actions.time_out(case_id=case_id, now=now)

"""Keeping the table of buckets small."""

from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.limits import actions


@app.periodic(cron="23 * * * *")
@app.task(name="limits.purge", queueing_lock="limits.purge")
def purge(timestamp: int) -> None:
    """`timestamp` is the hour that asked for it."""
    actions.purge(now=clock.now())

"""Background work."""

from procrastinate.contrib.django import app

from loket.applications import actions
from loket.kernel import clock


@app.periodic(cron="20 * * * *")
@app.task(name="applications.purge_expired", queue="casework", queueing_lock="applications.purge_expired")
def purge_expired(timestamp: int) -> None:
    actions.purge_expired(now=clock.now())
    actions.purge_sent_once(now=clock.now())


@app.periodic(cron="40 * * * *")
@app.task(name="applications.count_starts", queue="casework", queueing_lock="applications.count_starts")
def count_starts(timestamp: int) -> None:
    actions.count_starts(now=clock.now())

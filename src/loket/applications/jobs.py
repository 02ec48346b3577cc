"""Background work."""

from procrastinate.contrib.django import app

from loket.applications import actions
from loket.kernel import clock


@app.periodic(cron="20 * * * *")
@app.task(name="applications.purge_expired", queue="casework", queueing_lock="applications.purge_expired")
def purge_expired(timestamp: int) -> None:
    actions.purge_expired(now=clock.now())

"""Background work of webhooks; delivering is the worker's pump."""

from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.webhooks import actions


@app.periodic(cron="53 1 * * *")
@app.task(name="webhooks.forget", queue="webhooks", queueing_lock="webhooks.forget")
def forget(timestamp: int) -> None:
    while actions.forget_old(now=clock.now()):
        pass

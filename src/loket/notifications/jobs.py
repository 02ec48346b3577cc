"""Background work of notifications."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.notifications import actions, delivery


# Tries of a message are the message's own affair; this is for a database that is away for a moment.
@app.task(
    name=actions.DELIVER_JOB, queue=actions.QUEUE, retry=RetryStrategy(max_attempts=5, exponential_wait=4)
)
def deliver(message_id: str) -> None:
    delivery.deliver(message_id=UUID(message_id), now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="notifications.rescue", queue=actions.QUEUE, queueing_lock="notifications.rescue")
def rescue(timestamp: int) -> None:
    delivery.rescue(now=clock.now())


@app.periodic(cron="41 1 * * *")
@app.task(name="notifications.forget", queue=actions.QUEUE, queueing_lock="notifications.forget")
def forget(timestamp: int) -> None:
    while delivery.forget(now=clock.now()):
        pass

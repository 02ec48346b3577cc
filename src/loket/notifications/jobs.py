"""Background work of notifications."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.notifications import actions, delivery


@app.task(
    name="notifications.deliver", queue=actions.QUEUE, retry=RetryStrategy(max_attempts=5, exponential_wait=4)
)
def deliver(message_id: str) -> None:
    """For jobs that an older version left behind: the worker's pumps find messages by themselves."""
    delivery.deliver(message_id=UUID(message_id), now=clock.now())


@app.periodic(cron="41 1 * * *")
@app.task(name="notifications.forget", queue=actions.QUEUE, queueing_lock="notifications.forget")
def forget(timestamp: int) -> None:
    while delivery.forget(now=clock.now()):
        pass

"""Background work of payments: asking about open tries, giving back, catching up, comparing the day."""

from contextlib import suppress
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from loket.kernel import clock
from loket.payments import actions, sweeping
from loket.payments.settling import PAY_BACK_JOB, QUEUE

# A provider that is away is the refund's own affair; this is for a database that is away for a moment.
_PATIENT = RetryStrategy(max_attempts=5, exponential_wait=4)


@app.task(name=PAY_BACK_JOB, queue=QUEUE, retry=_PATIENT)
def pay_back(refund_id: str) -> None:
    actions.pay_back(refund_id=UUID(refund_id), now=clock.now())


@app.task(name=sweeping.CHECK_JOB, queue=QUEUE, retry=_PATIENT)
def check(attempt_id: str) -> None:
    actions.check_attempt(attempt_id=UUID(attempt_id), now=clock.now())


@app.task(name="payments.expire", queue=QUEUE, retry=_PATIENT)
def expire(payment_id: str) -> None:
    actions.expire(payment_id=UUID(payment_id), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="payments.sweep", queue=QUEUE, queueing_lock="payments.sweep")
def sweep(timestamp: int) -> None:
    """What is due by now: open tries, lost refunds, notices whose try is known meanwhile, what ran out."""
    sweeping.sweep(now=clock.now())
    for payment_id in sweeping.expired(clock.now()):
        with suppress(AlreadyEnqueued):
            expire.configure(queueing_lock=f"payments.expire:{payment_id}").defer(payment_id=str(payment_id))


@app.periodic(cron="20 * * * *")
@app.task(name="payments.compare", queue=QUEUE, queueing_lock="payments.compare")
def compare(timestamp: int) -> None:
    """Yesterday, agency by agency, a few hours after its midnight."""
    sweeping.compare_yesterday(now=clock.now())

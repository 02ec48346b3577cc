"""The minute's sealing."""

from procrastinate.contrib.django import app

from loket.audit import actions
from loket.kernel import clock


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", priority=10, queueing_lock="audit.seal")
def seal(timestamp: int) -> None:
    """`timestamp` is the minute that asked for it; a late one seals the present state."""
    actions.seal(now=clock.now())

"""Background work of the demo's make-believe bank."""

from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.payments.providers.sandbox import bank


@app.task(name="portal.sandbox_tell", queue="payments")
def tell_late(ref: str) -> None:
    bank.tell(ref=ref, now=clock.now())

"""Erasing on time, every night."""

from procrastinate.contrib.django import app

from loket.kernel import clock
from loket.privacy.actions import expire
from loket.privacy.registry import holdings


@app.periodic(cron="17 2 * * *")
@app.task(name="privacy.expire_all", queueing_lock="privacy.expire_all")
def expire_all(timestamp: int) -> None:
    """One job for each holding, so that one that fails holds up none of the others."""
    for held in holdings():
        expire_holding.defer(name=held.name)


@app.task(name="privacy.expire_holding", retry=5)
def expire_holding(name: str) -> None:
    expire(name=name, now=clock.now())

"""`loket worker`: background jobs and messages, kept in the main database."""

import os
from threading import Event, Thread

import click
from django.conf import settings
from procrastinate.contrib.django import app

from loket.config import (
    logs,
    rescuing,  # noqa: F401 - brings its job with it
    swift,
)
from loket.config.deferring import WorkerConnector
from loket.config.safety import refuse_unsafe
from loket.kernel import clock
from loket.notifications.pump import Pump
from loket.notifications.types import Medium
from loket.web import traces
from loket.webhooks.pump import Pump as WebhookPump

# The last messages on their way are written down before the worker ends; the supervisor waits 15 seconds.
_PATIENCE = 10
_SWIFT = 2
# Whoever waits for a page goes before what follows by itself, which still gets its part.
_NICE = 5


@click.command()
@click.option(
    "--concurrency", default=1, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time."
)
@click.option(
    "--senders",
    default=8,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Messages of a kind at a time.",
)
def worker(concurrency: int, senders: int) -> None:
    """Run the background worker until it is told to stop; it finishes the job at hand.

    Jobs that succeeded are deleted; those that failed stay to be looked at. Messages are sent beside the
    jobs, so that neither waits for the other.
    """
    refuse_unsafe()
    os.nice(_NICE)
    logs.catch_what_nobody_catches()
    traces.begin(settings.OTEL_ENDPOINT, "worker")
    stop = Event()
    pumps = [
        Thread(target=Pump(medium, clock.now, senders).run, args=[stop], name=f"{medium}-pump")
        for medium in Medium
    ]
    pumps.append(Thread(target=WebhookPump(clock.now, senders).run, args=[stop], name="webhook-pump"))
    # While one waits for the press or the disk, another goes on.
    pumps += [Thread(target=swift.run, args=[stop], name=f"swift-{number}") for number in range(_SWIFT)]
    for pump in pumps:
        # A sender that hangs on a dead server must not keep a worker from ending.
        pump.daemon = True
        pump.start()
    try:
        with app.replace_connector(WorkerConnector()):
            app.run_worker(
                concurrency=concurrency, delete_jobs="successful", queues=swift.queues_for_workers()
            )
    finally:
        stop.set()
        for pump in pumps:
            pump.join(_PATIENCE)

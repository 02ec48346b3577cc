"""Runs the jobs that are due, in the test's own process. Needs a test with `transaction=True`."""

import asyncio

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app

from loket.config.deferring import WorkerConnector
from loket.kernel import clock
from loket.notifications.pump import Pump
from loket.notifications.types import Medium


def run_worker() -> None:
    """Does every job that is due, those that these defer included, sends the messages, and returns."""
    asyncio.run(_work())
    for medium in Medium:
        Pump(medium, clock.now).drain()


async def _work() -> None:
    with app.replace_connector(WorkerConnector()):
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    # A thread of jobs keeps its connection, and the tests' database couldn't be dropped.
    await sync_to_async(connections.close_all)()

"""What a job defers belongs to the job's transaction, in the worker as in a web process."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from loket.config.deferring import WorkerConnector

pytestmark = pytest.mark.django_db(transaction=True)
JOB = "files.remove_blobs"


@pytest.fixture(autouse=True)
def _nothing_queued() -> Iterator[None]:
    """This table is no model of ours, so that other tests leave rows in it."""
    _empty()
    yield
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [JOB])
        return int(cursor.fetchone()[0])


def in_a_worker(connector: BaseConnector, work: Callable[[], int]) -> int:
    """As the code of a job: in a thread of a worker that is open."""

    async def run() -> int:
        with app.replace_connector(connector):
            async with app.open_async():
                found = await sync_to_async(work)()
                await sync_to_async(connections.close_all)()
                return found

    return asyncio.run(run())


def deferred_and_rolled_back() -> int:
    with transaction.atomic():
        app.configure_task(JOB, queue="files").defer(blob_ids=[])
        transaction.set_rollback(True)
    return queued()


def deferred_and_committed() -> int:
    with transaction.atomic():
        app.configure_task(JOB, queue="files").defer(blob_ids=[])
    return queued()


def test_what_is_rolled_back_leaves_no_job() -> None:
    assert in_a_worker(WorkerConnector(), deferred_and_rolled_back) == 0


def test_what_is_committed_leaves_one() -> None:
    assert in_a_worker(WorkerConnector(), deferred_and_committed) == 1


def test_procrastinate_s_own_connector_would_leave_one() -> None:
    """The fault that this is about, planted: it can be seen."""
    plain = DjangoConnector().get_worker_connector()
    assert in_a_worker(plain, deferred_and_rolled_back) == 1

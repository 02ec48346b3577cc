"""Jobs of workers that died are taken up again; what a living one does is left alone."""

from collections.abc import Iterator

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from loket.config import rescuing
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
JOB = "files.remove_blobs"


@pytest.fixture(autouse=True)
def _nothing_queued() -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    """These tables are no models of ours, so that other tests leave rows in them."""
    execute("DELETE FROM procrastinate_jobs")
    execute("DELETE FROM procrastinate_workers")


def execute(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def queued() -> int:
    return int(app.configure_task(JOB, queue="files", queueing_lock="one at a time").defer(blob_ids=[]))


def begun_by_a_worker(silent_for: str, attempts: int = 0) -> int:
    """A job that a worker took up before it fell silent; its number."""
    job = queued()
    found = execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
        silent_for,
    )
    execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
        found[0][0], attempts, job,
    )  # fmt: skip
    return job


def jobs() -> dict[object, object]:
    return dict(execute("SELECT id, status::text FROM procrastinate_jobs WHERE task_name = %s", JOB))


def rescue() -> None:
    rescuing.take_up_again.defer(timestamp=1)
    run_worker()


def test_a_dead_workers_job_is_done_after_all() -> None:
    job = begun_by_a_worker("31 seconds")
    rescue()
    assert jobs() == {job: "succeeded"}


def test_a_living_workers_job_is_left_alone() -> None:
    job = begun_by_a_worker("5 seconds")
    rescue()
    assert jobs() == {job: "doing"}


def test_one_whose_successor_waits_under_its_lock_is_dropped() -> None:
    dead = begun_by_a_worker("1 minute")
    waiting = queued()
    execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE id = %s", waiting)
    rescue()
    assert jobs() == {waiting: "todo"}
    assert dead != waiting


def test_a_job_that_kills_every_worker_is_given_up() -> None:
    job = begun_by_a_worker("1 hour", attempts=20)
    rescue()
    assert jobs() == {job: "failed"}

"""`loket migrate` waits for no table for long, so that nobody waits behind it; it tries again instead."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection

from loket.config.commands import tables

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)
SOON = "200ms"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LOCK_TIMEOUT", SOON)
    monkeypatch.setattr(tables, "_WAITS", (0.2, 0.4))


@contextmanager
def somebody_in_the_way() -> Iterator[psycopg.Connection]:
    """An open transaction that holds the table of migrations."""
    parameters = connection.get_connection_params()
    with psycopg.connect(
        **{name: parameters[name] for name in ("host", "port", "user", "password", "dbname")}
    ) as other:
        other.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        yield other


def test_a_table_that_is_free_again_soon_is_waited_for() -> None:
    with somebody_in_the_way() as other:
        gone = threading.Timer(0.5, other.rollback)
        gone.start()
        tables.bring_up_to_date()
        gone.join()


def test_a_table_that_stays_taken_is_given_up_and_nothing_stays_locked() -> None:
    with somebody_in_the_way() as other:
        with pytest.raises(OperationalError, match="lock timeout"):
            tables.bring_up_to_date()
        other.rollback()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() != (SOON,)

"""`loket migrate`: the tables of both databases."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from django.core.management import call_command
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from loket.config.routers import KEYS

# Any number that nothing else locks; two hosts that migrate at once take turns.
_LOCK = 5_063_801
_LOCK_TIMEOUT = "4s"
_WAITS = (1, 2, 4, 8, 15, 30)


@click.command()
def migrate() -> None:
    """Bring the tables of both databases up to date. Safe to run again, and on two hosts at once."""
    try:
        bring_up_to_date()
    except OperationalError as problem:
        raise click.ClickException(
            f"A database can't be reached; loket doctor says more. ({problem})"
        ) from problem
    click.echo("The tables of both databases are up to date.")


def bring_up_to_date() -> list[str]:
    """Applies what is missing, the key store first: nothing may be sealed before it can hold keys."""
    with _alone():
        for alias in (KEYS, "default"):
            _patiently(alias)
    return []


def _patiently(alias: str) -> None:
    """A change that waits for a table makes everybody wait behind it: it gives up soon and tries again.

    Each migration is a transaction, so that what was done stays done.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_LOCK_TIMEOUT])
    try:
        for wait in _WAITS:
            try:
                call_command("migrate", database=alias, interactive=False, verbosity=0)
                return
            except OperationalError as problem:
                if not isinstance(problem.__cause__, LockNotAvailable):
                    raise
                time.sleep(wait)
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    finally:
        with connections[alias].cursor() as cursor:
            cursor.execute("RESET lock_timeout")


@contextmanager
def _alone() -> Iterator[None]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

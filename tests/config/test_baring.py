"""A large population: foreign keys and indexes go and come back as they were, whatever happens between."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from pytest_django import Settings

from loket.casework.models import Case
from loket.config.sample.baring import Busy, bared
from tests import county

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_CASTS = re.compile(r"::character varying|::text|\[\]|[()]")
TABLES = ("casework_case", "casework_caseevent", "notifications_message")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [False, True])
def test_between_they_are_gone_and_after_a_failure_all_of_them_are_back(broken: bool) -> None:
    before = definitions()

    def load() -> None:
        with transaction.atomic(), bared(TABLES):
            assert {name for table, name in before if table == "casework_case"} > {
                name for table, name in definitions() if table == "casework_case"
            }
            if broken:
                raise ZeroDivisionError

    if broken:
        with pytest.raises(ZeroDivisionError):
            load()
    else:
        load()

    assert definitions() == before


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_row_that_points_nowhere_is_found_when_keys_come_back(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    county.county(NOW)
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=NOW)
    before = definitions()

    def load() -> None:
        with transaction.atomic(), bared(TABLES):
            Case.objects.update(service_id=987_654)

    fails(load)

    assert definitions() == before


@pytest.mark.django_db(transaction=True)
def test_among_others_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loket.config.sample.baring._PATIENCE", "50ms")
    before = definitions()

    with someone_reading(), pytest.raises(Busy), transaction.atomic(), bared(TABLES):
        pass

    assert definitions() == before


@contextmanager
def someone_reading() -> Iterator[None]:
    found = connection.get_connection_params()
    with psycopg.connect(
        **{name: found[name] for name in ("host", "port", "user", "password", "dbname")}
    ) as other:
        other.execute("SELECT count(*) FROM casework_caseevent")
        yield


def fails(load: Callable[[], None]) -> None:
    with pytest.raises(Exception, match="foreign key"):
        load()


def definitions() -> dict[tuple[str, str], str]:
    """Every index and constraint of the tables, as PostgreSQL writes it, but for casts: when it reads its own
    words again it casts each member of a list in place of the list, which means the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = ANY(%s::regclass[])"
            " UNION ALL SELECT indrelid::regclass::text, indexrelid::regclass::text,"
            " pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%s::regclass[])",
            [list(TABLES), list(TABLES)],
        )
        return {(table, name): _CASTS.sub("", definition) for table, name, definition in cursor.fetchall()}

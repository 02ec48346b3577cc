"""Writing the record, and what the database refuses."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from loket.audit import actions, queries
from loket.audit.models import Entry
from loket.kernel.actors import SYSTEM, Actor, ActorKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_record_costs_one_statement_and_reads_back() -> None:
    officer = Actor(ActorKind.STAFF, "p1", "Siti")
    with CaptureQueriesContext(connection) as made:
        actions.record("case.decided", by=officer, about="case:7K3P", now=NOW, stage="check", days=2)
    assert len(made) == 1
    (found,) = queries.recorded_about("case:7K3P")
    assert (found.at, found.actor_kind, found.actor_id, found.action) == (NOW, "staff", "p1", "case.decided")
    assert found.facts == (("days", 2), ("stage", "check"))
    assert queries.recorded_about("case:other") == ()


def test_record_keeps_no_name() -> None:
    actions.record("x", by=Actor(ActorKind.STAFF, "p1", "Siti"), about="case:1", now=NOW)
    assert "Siti" not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("about", ["case", "case:", ":1"])
def test_record_about_nothing_is_a_fault(about: str) -> None:
    with pytest.raises(ValueError, match="kind:id"):
        actions.record("x", by=SYSTEM, about=about, now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET action = 'other', seal = 1",
        "UPDATE audit_entry SET facts = '{}', seal = 1",
        "UPDATE audit_entry SET tx = '1', seal = 1",
        "UPDATE audit_entry SET seal = NULL",
    ],
)
def test_database_refuses_to_change_the_record(statement: str) -> None:
    actions.record("x", by=SYSTEM, about="case:1", now=NOW, a="b")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_seal_is_set_once() -> None:
    actions.record("x", by=SYSTEM, about="case:1", now=NOW)
    Entry.objects.update(seal=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(seal=2)

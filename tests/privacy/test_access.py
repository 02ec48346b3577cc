"""Who looked, and what the subject is shown of it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from loket.audit.models import Entry
from loket.identity import actions as identity
from loket.identity.types import AgencyView
from loket.kernel.actors import APPLICANT, SYSTEM, Actor, ActorKind
from loket.privacy import actions, queries
from loket.privacy.models import AccessRow
from loket.privacy.types import ASSIGNED_WORK, AccessKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
OFFICER = Actor(ActorKind.STAFF, str(uuid.UUID(int=5)), "Siti Aminah")
CASE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def agency() -> AgencyView:
    profile = identity.AgencyProfile(names={"en": "Water", "sw": "Maji"})
    return identity.upsert_agency(key="water", profile=profile, by=SYSTEM, now=NOW)


def test_look_is_one_statement_and_says_who_when_where_and_why(agency: AgencyView) -> None:
    with CaptureQueriesContext(connection) as made:
        actions.record_access(by=OFFICER, case_id=CASE, agency_id=agency.id, reason=ASSIGNED_WORK, now=NOW)
    assert len(made) == 1
    with CaptureQueriesContext(connection) as read:
        (record,) = queries.accesses_of(CASE, LATER)
    assert len(read) == 1
    assert (record.at, record.actor_name, record.kind, record.reason) == (
        NOW,
        "Siti Aminah",
        AccessKind.OPENED,
        ASSIGNED_WORK,
    )
    assert record.agency_names["sw"] == "Maji"
    assert queries.accesses_of(OTHER, LATER) == ()


@pytest.mark.parametrize("count", [1, 3])
def test_export_is_one_record_that_every_case_shows(agency: AgencyView, count: int) -> None:
    cases = [uuid.uuid4() for _ in range(count)]
    with CaptureQueriesContext(connection) as made:
        actions.record_export(
            by=OFFICER, case_ids=cases, agency_id=agency.id, reason="Yearly report", now=NOW
        )
    assert len(made) == 2
    assert AccessRow.objects.count() == 1
    for case in cases:
        (record,) = queries.accesses_of(case, LATER)
        assert (record.kind, record.reason) == (AccessKind.EXPORTED, "Yearly report")
    assert Entry.objects.get(action="cases.exported").facts == {"cases": count}


def test_list_is_one_record_and_an_empty_list_none(agency: AgencyView) -> None:
    for cases in ([], [CASE, OTHER]):
        actions.record_bulk_access(
            by=OFFICER,
            case_ids=cases,
            agency_id=agency.id,
            reason=ASSIGNED_WORK,
            now=NOW,
            kind=AccessKind.LISTED,
        )
    assert AccessRow.objects.count() == 1
    assert len(queries.accesses_of(OTHER, LATER)) == 1


def test_look_that_a_law_hides_for_a_while_is_shown_later(agency: AgencyView) -> None:
    for hidden_for in (timedelta(days=1), timedelta(days=36500)):
        actions.record_access(
            by=OFFICER,
            case_id=CASE,
            agency_id=agency.id,
            reason="Court order",
            now=NOW,
            hidden_for=hidden_for,
        )
    assert len(queries.accesses_of(CASE, LATER)) == 1
    assert len(queries.all_accesses_of(CASE)) == 2


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_look_without_a_reason_is_refused(agency: AgencyView, reason: str) -> None:
    with pytest.raises(actions.ReasonMissing):
        actions.record_access(by=OFFICER, case_id=CASE, agency_id=agency.id, reason=reason, now=NOW)
    assert not AccessRow.objects.exists()


@pytest.mark.parametrize("by", [SYSTEM, APPLICANT, Actor(ActorKind.STAFF)])
def test_look_by_nobody_known_is_a_fault(agency: AgencyView, by: Actor) -> None:
    with pytest.raises(ValueError, match="staff"):
        actions.record_access(by=by, case_id=CASE, agency_id=agency.id, reason="x", now=NOW)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM privacy_accessrow", "UPDATE privacy_accessrow SET reason = 'other'"]
)
def test_database_refuses_to_change_a_look(agency: AgencyView, statement: str) -> None:
    actions.record_access(by=OFFICER, case_id=CASE, agency_id=agency.id, reason="x", now=NOW)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

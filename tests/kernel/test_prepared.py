"""Queries whose SQL is made once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loket.applications.models import Draft
from loket.identity.models import Agency, Team
from loket.kernel import clock
from loket.kernel.prepared import Prepared

pytestmark = pytest.mark.django_db


def _teams() -> tuple[Team, Team]:
    agency = Agency.objects.create(key="registry", names={"en": "Registry"})
    return tuple(Team.objects.create(agency=agency, key=key, names={"en": key}) for key in ("one", "two"))  # type: ignore[return-value]


def test_each_call_finds_what_it_is_given_in_one_statement() -> None:
    one, two = _teams()
    by_key = Prepared(
        lambda key, agency_id: Team.objects.filter(key=key, agency_id=agency_id).select_related("agency")
    )
    for team in (one, two, one):
        with CaptureQueriesContext(connection) as counted:
            found = by_key.all(team.key, team.agency_id)
            assert [(row.id, row.names, row.agency.key) for row in found] == [
                (team.id, team.names, "registry")
            ]
        assert len(counted) == 1
    assert by_key.first("three", one.agency_id) is None


def test_a_read_row_can_be_saved_and_read_again() -> None:
    one, _two = _teams()
    row = Prepared(lambda key: Team.objects.filter(key=key)[:1]).first("one")
    assert row is not None
    row.names = {"en": "First"}
    row.save()
    one.refresh_from_db()
    assert one.names == {"en": "First"}


def test_values_times_and_bytes_stand_in_their_own_places() -> None:
    _teams()
    keys = Prepared(
        lambda key: Team.objects.filter(key__gt=key).order_by("key").values_list("key", flat=True)
    )
    assert keys.all("a") == ["one", "two"]
    assert keys.all("one") == ["two"]
    drafts = Prepared(
        lambda token_hash, now: Draft.objects.filter(token_hash=token_hash, expires_at__gt=now)[:1]
    )
    assert drafts.first(b"x" * 32, clock.now()) is None
    assert drafts.first(b"x" * 31, clock.now()) is None


def test_nothing_is_no_value_to_compare_with() -> None:
    prepared = Prepared(lambda key: Team.objects.filter(key=key))
    with pytest.raises(ValueError, match="values only"):
        prepared.all(None)


def test_an_argument_that_the_statement_lost_is_noticed() -> None:
    prepared = Prepared(lambda key, other: Team.objects.filter(key=key))
    with pytest.raises(ValueError, match="arguments"):
        prepared.all("one", uuid4())

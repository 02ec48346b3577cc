"""Maintenance: everything can be read, nothing is taken in, and nobody loses what they typed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loket.audit.models import Entry
from loket.config.commands.upkeeping import maintenance
from loket.identity import actions as people
from loket.identity import queries as identity
from loket.identity.actions import AgencyProfile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.upkeep import actions, queries
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ANNOUNCED = {
    "en": "we look after this system",
    "id": "sistem ini kami rawat",
    "sw": "tutaukarabati mfumo huu",
}
ON = {"en": "We are looking after", "id": "Sistem ini sedang kami rawat", "sw": "Tunaukarabati mfumo huu"}
TOLD = {
    "en": "We could not take that in just now",
    "id": "Kiriman Anda belum dapat kami terima",
    "sw": "Hatukuweza kupokea hilo kwa sasa",
}


def begin(hours: float = 0, message: dict[str, str] | None = None) -> None:
    now = clock.now()
    begins = now + timedelta(hours=hours)
    actions.plan(begins=begins, until=begins + timedelta(hours=1), message=message or {}, by=SYSTEM, now=now)
    queries.read()


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_it_is_announced_on_every_page_and_everything_still_works(language: str) -> None:
    county.county(clock.now())
    begin(hours=3, message={"en": "The office is open.", "": "0800"})
    client = Client()
    page = text(client, f"/{language}/")
    assert ANNOUNCED[language] in page
    assert ("The office is open." if language == "en" else "0800") in page
    assert "The office is open." in text(client, f"/{language}/track/") or language != "en"
    response = client.post(f"/{language}/apply/civil-registry/change-of-address/no/", {})
    assert response.status_code != 503


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_while_it_is_on_one_reads_and_what_was_typed_stays(language: str) -> None:
    county.county(clock.now())
    client = Client()
    begin()
    assert ON[language] in text(client, f"/{language}/")
    for path in ("track/", "verify/", "search/?q=address", "services/civil-registry/change-of-address/"):
        assert client.get(f"/{language}/{path}").status_code == 200
    sent = client.post(
        f"/{language}/apply/civil-registry/change-of-address/you/", {"q-full_name": 'A "B" <i>'}
    )
    page = sent.content.decode()
    assert sent.status_code == 503
    assert 60 <= int(sent["Retry-After"]) <= 3600
    assert sent["Cache-Control"] == "no-store"
    assert TOLD[language] in page
    assert '<input type="hidden" name="q-full_name" value="A &quot;B&quot; &lt;i&gt;">' in page
    assert "unsafe-inline" not in sent["Content-Security-Policy"]


def test_machines_are_told_as_a_problem_and_call_backs_are_heard() -> None:
    county.county(clock.now())
    begin()
    refused = Client().post("/api/v1/applications", b"{}", content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
    assert refused.json()["code"] == "maintenance"
    assert (
        Client().post("/api/v1/callbacks/sandbox/", b"{}", content_type="application/json").status_code != 503
    )


@pytest.mark.parametrize(
    "path", ["desk/cases/ABCD-EFGH/", "apply/a/b/check/", "pay/x/", "track/reply/check/"]
)
def test_nothing_is_written(path: str) -> None:
    begin()
    assert Client().post(f"/en/{path}").status_code == 503


@pytest.mark.parametrize("path", ["track/", "return/", "finish/", "account/login/"])
def test_what_one_reads_by_is_taken_in(path: str) -> None:
    begin()
    assert Client().post(f"/en/{path}").status_code != 503


def test_no_request_pays_for_it(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    begin()
    assert identity.agencies() == ()
    with django_assert_num_queries(0):
        assert queries.on(clock.now()) is not None
        Client().post("/en/apply/a/b/check/")


def test_its_times_are_those_on_the_wall_of_the_agencies_on_every_page() -> None:
    county.county(clock.now())
    begins = datetime(2999, 1, 1, 20, tzinfo=UTC)
    actions.plan(begins=begins, until=None, message={}, by=SYSTEM, now=clock.now())
    queries.read()
    for path in ("/en/", "/en/track/", "/en/services/civil-registry/change-of-address/"):
        assert "From 1 January 2999, 23:00 we look after" in text(Client(), path)
    profile = AgencyProfile(names={"en": "Far away"}, timezone="Asia/Jakarta")
    people.upsert_agency(key="far-away", profile=profile, by=SYSTEM, now=clock.now())
    assert "From 1 January 2999, 23:00 (Africa/Nairobi) we look after" in text(Client(), "/en/")


def test_it_goes_on_until_somebody_ends_it() -> None:
    begin()
    window = queries.window()
    assert window
    assert queries.on(clock.now() + timedelta(hours=9)) == window
    assert actions.end(by=SYSTEM, now=clock.now())
    assert not actions.end(by=SYSTEM, now=clock.now())
    assert queries.read() is None
    assert [entry.action for entry in Entry.objects.order_by("id")][-2:] == [
        "maintenance.planned", "maintenance.ended",
    ]  # fmt: skip


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    now = clock.now()
    with pytest.raises(actions.EndsTooSoon):
        actions.plan(begins=now, until=now - timedelta(1), message={}, by=SYSTEM, now=now)


def test_the_command_says_how_it_stands() -> None:
    def said(*arguments: str) -> str:
        return CliRunner().invoke(maintenance, arguments).output

    assert said("status") == "No window is on or announced.\n"
    words = json.dumps({"en": "x"})
    assert said("on", "--until", "2999-01-01T00:00", "--message", words).startswith("On since")
    assert queries.window() is not None
    assert said("on", "--from", "2999-01-01T00:00+03:00") == "Announced from 2998-12-31 21:00 UTC.\n"
    assert "over before it begins" in said("on", "--until", "2020-01-01")
    assert said("off") == "Everything is taken in again.\n"
    assert said("off") == "No window was on or announced.\n"

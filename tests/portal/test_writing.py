"""The page by which people choose how we write to them, and the public one about how fast we do."""

import pytest
from django.test import Client

from loket.identity import actions as identity
from loket.identity.actions import AgencyProfile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.notifications import queries
from loket.notifications.models import MessageDay
from loket.notifications.types import Medium, Preferences

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def _token() -> str:
    return queries.preferences_token(Medium.EMAIL, "amina@home.example")


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_people_choose_by_the_link_in_a_message(language: str) -> None:
    client, address = Client(), f"/{language}/messages/{_token()}/"
    assert client.get(address).status_code == 200
    sent = {"reminders": "no", "quiet": "own", "from": "20", "until": "8", "language": "sw"}
    assert client.post(address, sent).status_code == 302
    assert queries.preferences(_token()) == Preferences(reminders=False, quiet=(20, 8), language="sw")
    assert 'value="sw" checked' in client.get(address).content.decode()
    client.post(address, sent | {"language": "tlh"})
    assert queries.preferences(_token()) == Preferences(reminders=False, quiet=(20, 8))
    for begins in ("99x", "9" * 5000):
        client.post(address, {"reminders": "yes", "quiet": "own", "from": begins, "until": ""})
    assert queries.preferences(_token()) == Preferences()


def test_one_press_in_the_mail_program_needs_no_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    address = f"/en/messages/{_token()}/stop/"
    assert client.get(address).status_code == 302
    assert queries.preferences(_token()) == Preferences()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 302
    assert queries.preferences(_token()) == Preferences(reminders=False)


def test_a_link_that_we_did_not_make_leads_nowhere() -> None:
    client = Client()
    assert client.get("/en/messages/made-up/").status_code == 404
    assert client.post("/en/messages/made-up/stop/").status_code == 404


def test_the_promise_counts_what_went_in_time() -> None:
    agency = identity.upsert_agency(
        key="transport", profile=AgencyProfile(names={"en": "Transport"}), by=SYSTEM, now=clock.now()
    )
    today = clock.now().date()
    MessageDay.objects.create(
        agency_id=agency.id, day=today, medium="email", handed=199, within_10s=186, within_1m=199, failed=1
    )
    page = Client().get("/en/performance/").content.decode()
    assert "In the last 30 days: 93 of 100 (199 messages)." in page
    MessageDay.objects.update(handed=3, within_10s=3, failed=0)
    assert "Too few messages were sent" in Client().get("/en/performance/").content.decode()


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_the_promise_is_shown_in_public(language: str) -> None:
    assert Client().get(f"/{language}/performance/").status_code == 200

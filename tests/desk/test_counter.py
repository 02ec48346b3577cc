"""The counter's pages: what is to arrive, handing over, sending on, sending back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loket.casework import actions
from loket.casework.models import Case
from loket.casework.types import Pickup
from loket.kernel import clock
from tests.casework import window
from tests.desk.conftest import AMINA, ESTHER, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
HERE = "/en/desk/counter/"


@pytest.fixture
def esther(as_staff: SignIn) -> Client:
    window.open_window(clock.now())
    return as_staff(ESTHER)


def _made() -> Case:
    now = clock.now() - timedelta(hours=1)
    case = window.sent(now=now)
    window.approved(case, now)
    return case


def _waiting() -> Case:
    case = _made()
    window.brought(case, clock.now() - timedelta(minutes=30))
    return case


def _html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_what_is_ticked_has_arrived_and_one_alone_can_be_taken_back(esther: Client) -> None:
    first, second = _made(), _made()
    html = _html(esther, f"{HERE}?show=being_made")
    assert first.reference in html
    assert "Bandarini Registry Office" in html
    page = esther.post(f"{HERE}arrived/", {"case": [str(first.id)]}, follow=True).content.decode()
    assert "Undo" in page
    assert window.collection(first).state == Pickup.AT_CENTRE
    event = re.search(r"/en/desk/undo/([0-9a-f-]{36})/", page)
    assert event
    esther.post(event[0], {"reference": first.reference})
    assert window.collection(first).state == Pickup.BEING_MADE
    both = [str(first.id), str(second.id), "nonsense"]
    page = esther.post(f"{HERE}arrived/", {"case": both}, follow=True).content.decode()
    assert "Marked as arrived: 2." in page
    assert "Tick what has arrived." in esther.post(f"{HERE}arrived/", follow=True).content.decode()


def test_handing_over_asks_for_proof_and_says_what_is_wrong(esther: Client) -> None:
    case = _waiting()
    found = esther.post(f"{HERE}find/", {"typed": case.reference.lower()})
    path = found["Location"]
    assert path == f"{HERE}{case.reference}/"
    for fields, words in (
        ({}, "Say how you know the person"),
        ({"proof": "pin"}, "Enter the PIN."),
        ({"proof": "id_seen"}, "Say which ID you saw."),
        ({"proof": "pin", "pin": "1"}, "This is not the PIN"),
    ):
        refused = esther.post(path, fields)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    pin = re.search(r"PIN at the counter: (\d{6})", window.letters(case)[-1])
    assert pin
    assert pin[1] not in _html(esther, f"/en/desk/cases/{case.reference}/")
    done = esther.post(path, {"proof": "pin", "pin": pin[1]}, follow=True).content.decode()
    assert f"Handed over: {case.reference}." in done
    assert window.collection(case).state == Pickup.HANDED_OVER
    again = esther.post(path, {"proof": "id_seen", "id_kind": "passport"}, follow=True).content.decode()
    assert "is no longer where it was" in again


def test_sending_on_and_sending_back(esther: Client) -> None:
    case = _waiting()
    path = f"{HERE}{case.reference}/"
    assert "Choose another place." in esther.post(f"{path}send-on/", {"centre": "?"}).content.decode()
    esther.post(f"{path}send-on/", {"centre": "mlimani"})
    assert window.collection(case).centre == "mlimani"
    window.brought(case, clock.now())
    over = clock.now() + timedelta(days=31)
    assert actions.time_out(case_id=case.id, now=over)
    assert case.reference in _html(esther, f"{HERE}?show=uncollected&centre=mlimani")
    assert case.reference not in _html(esther, f"{HERE}?show=uncollected&centre=bandarini")
    assert "Sent back" in esther.post(f"{path}returned/", follow=True).content.decode()
    assert case.reference not in _html(esther, f"{HERE}?show=uncollected")


def test_another_agency_finds_nothing(esther: Client, as_staff: SignIn) -> None:
    case = _waiting()
    other = as_staff(AMINA)
    assert other.get(f"{HERE}{case.reference}/").status_code == 404
    assert other.post(f"{HERE}arrived/", {"case": str(case.id)}).status_code == 404
    assert case.reference not in _html(other, HERE)
    sent = other.post(f"{HERE}find/", {"typed": case.reference}, follow=True).content.decode()
    assert "Nothing with this reference" in sent


def test_the_list_of_cases_tells_what_waits_at_the_counter(esther: Client) -> None:
    assert 'id="counter"' not in _html(esther, "/en/desk/cases/")
    _made()
    _made()
    _waiting()
    _html(esther, "/en/desk/cases/")
    with CaptureQueriesContext(connection) as found:
        page = _html(esther, "/en/desk/cases/")
    assert len(found) <= 6, [query["sql"] for query in found]
    told = page[page.index('id="counter"') :].split("</p>")[0]
    assert re.findall(r'show=(\w+)">([^<]+)<', told) == [
        ("being_made", "2 to arrive"),
        ("at_centre", "1 waiting"),
    ]


def test_what_waits_at_a_counter_of_others_is_not_counted(esther: Client, as_staff: SignIn) -> None:
    _waiting()
    assert 'id="counter"' not in _html(as_staff(AMINA), "/en/desk/cases/")

"""Both services from the first page to the last, with the worker doing its part."""

import re

import pytest
from django.test import Client

from loket.casework.models import Case
from loket.kernel import clock
from loket.portal import cookies
from loket.web.access import every_route
from tests import county
from tests.portal import officer
from tests.portal.visitor import Visitor
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)


def messages(visitor: Visitor) -> str:
    """What arrived, as the demo's outbox shows it."""
    return visitor.open("outbox/")


def follow(reference: str, address: str) -> Visitor:
    """From another phone, with a code out of the latest message."""
    person = Visitor(Client())
    person.post("track/", {"reference": reference, "proof": address})
    assert person.path == "/en/track/case/"
    person.post("track/code/")
    run_worker()
    found = re.search(
        r"\b(\d{6})\b", re.sub(r"<[^>]+>", " ", messages(Visitor(Client())).partition("<article")[2])
    )
    assert found
    person.post("track/code/", {"code": found[1]})
    assert person.path == "/en/track/case/"
    return person


@pytest.mark.usefixtures("demo")
def test_a_change_of_address_is_decided_at_once_and_told(visitor: Visitor) -> None:
    reference = visitor.send(county.ADDRESS, county.ADDRESS_ANSWERS)
    run_worker()
    assert reference in messages(visitor)
    page = follow(reference, "zuhura@example.com").html
    assert "Your address is changed" in page
    assert "We told: Tax Authority" in page
    assert "What we wrote to you" in page


@pytest.mark.usefixtures("demo")
def test_a_request_is_asked_back_answered_refused_and_read(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    run_worker()
    officer.asks(reference, "Which years do you mean?", ("period_from", "period_to"))
    run_worker()
    person = follow(reference, "odhiambo@example.com")
    assert "Which years do you mean?" in person.html
    person.open("track/reply/")
    person.post(
        person.path, {"q-period_from-year": "2024", "q-period_from-month": "1", "q-period_from-day": "1"}
    )
    person.post(person.path)
    assert "You answered our question" in person.html
    run_worker()
    officer.refuses(reference, "It names three neighbours.")
    run_worker()
    page = person.open("track/case/")
    assert page.index("We cannot give you this information") < page.index("It names three neighbours.")
    assert "within 30 days" in page
    assert page.count("opened your application") == 2
    assert Case.objects.get().outcome == "refused"


@pytest.mark.usefixtures("demo")
def test_after_half_an_hour_a_new_code_is_needed(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    on_paper = {**county.INFORMATION_ANSWERS, "contact": {"channel": "none", "address": ""}}
    reference = visitor.send(county.INFORMATION, on_paper)
    visitor.post("track/", {"reference": reference, "proof": visitor.pin})
    assert "Cost of the market road" in visitor.html
    half_an_hour_later = clock.now() + cookies.FULL_FOR
    monkeypatch.setattr(clock, "now", lambda: half_an_hour_later)
    page = visitor.open("track/case/")
    assert "Cost of the market road" not in page
    assert "Enter the PIN" in page


def test_every_address_of_the_portal_has_a_rule() -> None:
    mine = [route for route in every_route() if route.name.startswith("portal:")]
    assert len(mine) > 20
    assert [route.name for route in mine if route.rule is None] == []

"""Choosing where to pick something up, and seeing where it is."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from loket.casework import actions as casework
from loket.casework.types import Proof
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.portal.cookies import Grant
from tests import county
from tests.access import scene as making
from tests.casework import window
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def at_window(visitor: Visitor) -> Visitor:
    window.open_window(clock.now())
    return visitor


def test_a_place_is_chosen_with_address_hours_and_phone(at_window: Visitor) -> None:
    base = "apply/civil-registry/family-book/"
    at_window.open(base)
    page = at_window.post(at_window.path, {"q-full_name": "Wanjiru Kamau"})
    for words in (
        "Bandarini Registry Office",
        "8 Harbour Road",
        "+254 20 000 0112",
        "Friday: 08:00\u2060–\u206012:00",
    ):
        assert words in page
    assert "Choose one of the places shown" in at_window.post(at_window.path, {"q-place": "nowhere"})
    at_window.post(at_window.path, {"q-place": "bandarini"})
    at_window.post(at_window.path, {"q-contact": "none"})
    assert "Bandarini Registry Office" in at_window.html
    assert "8 Harbour Road, Bandarini" in at_window.html


def test_many_places_fold_by_region_and_the_chosen_one_is_open(at_window: Visitor) -> None:
    agency = people.agency("civil-registry")
    assert agency is not None
    model = agency.centres[0]
    for region in ("North", "South", "Coast"):
        for number in range(7):
            made = replace(
                model,
                key=f"{region.lower()}-{number}",
                names={"en": f"{region} office {number}"},
                region={"en": region},
            )
            identity.upsert_centre(agency_id=agency.id, centre=made, by=SYSTEM, now=clock.now())
    at_window.open("apply/civil-registry/family-book/")
    page = at_window.post(at_window.path, {"q-full_name": "Wanjiru Kamau"})
    places = page[page.index("<fieldset") : page.index("</fieldset>")]
    assert places.count('type="radio"') >= 21
    ids = re.findall(r'<input[^>]* id="([^"]+)"', places)
    assert len(ids) == len(set(ids))
    assert _folds(places)[0][1] is True
    assert sum(is_open for _, is_open in _folds(places)) == 1
    at_window.post(at_window.path, {"q-place": "south-3"})
    again = at_window.open("apply/civil-registry/family-book/place/")
    assert [region for region, is_open in _folds(again) if is_open] == ["South"]


def _folds(page: str) -> list[tuple[str, bool]]:
    found = re.findall(
        r'<details class="govuk-details loket-region"( open)?>.*?summary-text">([^<]*)<', page, re.S
    )
    return [(region, bool(is_open)) for is_open, region in found]


def test_a_place_that_closed_meanwhile_is_asked_for_again(at_window: Visitor) -> None:
    at_window.fill_in(window.KEY, window.ANSWERS)
    agency = people.agency("civil-registry")
    assert agency is not None
    centre = agency.centre("bandarini")
    assert centre is not None
    identity.upsert_centre(
        agency_id=agency.id, centre=replace(centre, active=False), by=SYSTEM, now=clock.now()
    )
    page = at_window.open(at_window.path)
    assert at_window.page_id == "place"
    assert "The place you chose has closed" in page
    at_window.post(at_window.path, {"q-place": "bandarini"})
    assert "Bandarini Registry Office has closed." in at_window.html


def test_the_person_sees_where_it_is_and_the_pin_after_a_code(at_window: Visitor) -> None:
    now = clock.now() - timedelta(hours=1)
    case = window.sent(now=now)
    window.approved(case, now)
    status = making.applicant(grant=Grant(case.id, full=False), now=clock.now())
    whole = making.applicant(grant=Grant(case.id, full=True), now=clock.now())
    made = status.get("/en/track/case/").content.decode()
    assert "It is being made" in made
    window.brought(case, now)
    pin = window.letters(case)[-1].partition("PIN at the counter: ")[2][:6]
    for client, shows in ((status, False), (whole, True)):
        page = client.get("/en/track/case/").content.decode()
        for words in (
            "Ready for you to pick up",
            "8 Harbour Road",
            'href="tel:+254200000112"',
            "It waits there until",
        ):
            assert words in page
        assert (f'<strong class="loket-reference">{pin}</strong>' in page) is shows
        assert "We have a question for you" not in page
    assert "08:00" in status.get("/en/track/case/").content.decode()
    officer = county.staff(window.OFFICER)
    casework.hand_over(case_id=case.id, proof=Proof.PIN, pin=pin, staff=officer, now=clock.now())
    done = status.get("/en/track/case/").content.decode()
    assert "You have picked it up" in done
    assert "8 Harbour Road" in done
    # Nobody needs to go there any more.
    assert "08:00" not in done


def test_an_agency_says_where_it_is_and_when_it_is_open(at_window: Visitor) -> None:
    page = at_window.open("agencies/civil-registry/")
    for words in ("Where to find us", "Mlimani Sub-county Office", 'href="tel:+254200000113"', "Tuesday"):
        assert words in page
    assert "Tumaini Huduma Centre" in page

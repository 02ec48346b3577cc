"""Draft cookies in the wrong hands, and what cookies allow at all."""

import pytest
from django.test import Client

from loket.casework.models import Case
from tests import county
from tests.hostile.test_requests import BASE, NAME, begun
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LOST = "We can’t find your answers"


def thief_of(visitor: Visitor) -> Visitor:
    thief = Visitor(Client())
    thief.client.cookies.update(visitor.client.cookies)
    return thief


def test_a_stolen_cookie_opens_nothing_once_its_computer_was_cleared(visitor: Visitor) -> None:
    begun(visitor)
    thief = thief_of(visitor)
    visitor.post("finish/", {"sure": "yes"})
    assert LOST in thief.open(NAME, 404)
    assert "Zuhura" not in thief.html


def test_a_stolen_cookie_opens_nothing_once_its_owner_came_back_elsewhere(visitor: Visitor) -> None:
    begun(visitor)
    visitor.post(f"{BASE}save/", {"q-way": "none"})
    reference, pin, thief = visitor.reference, visitor.pin, thief_of(visitor)
    owner = Visitor(Client())
    owner.post("return/", {"reference": reference, "pin": pin})
    assert "Zuhura Mwinyi" in owner.open(NAME)
    assert LOST in thief.open(NAME, 404)


def test_a_stolen_cookie_after_sending_shows_no_answers(visitor: Visitor) -> None:
    visitor.send(county.ADDRESS, county.ADDRESS_ANSWERS)
    thief = thief_of(visitor)
    for path in (NAME, f"{BASE}check/", f"{BASE}save/", f"{BASE}done/", "/en/track/case/"):
        thief.open(path)
        assert "Zuhura" not in thief.html
        assert "3 Mtaa wa Mnazi" not in thief.html
    assert Case.objects.count() == 1


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    begun(visitor)
    visitor.open("track/")
    kept = {name: morsel for name, morsel in visitor.client.cookies.items() if morsel.value}
    assert {"csrftoken", "loket-d-civil-registry-change-of-address"} <= kept.keys()
    for name, morsel in kept.items():
        assert morsel["httponly"], name
        assert morsel["samesite"] == "Lax", name
        assert morsel["secure"], name
        assert not morsel["max-age"], name
        assert not morsel["domain"], name

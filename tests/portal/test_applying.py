"""From the home page to the confirmation."""

import pytest

from tests import county
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BASE = "apply/civil-registry/change-of-address/"


def test_home_leads_to_the_first_question_in_three_clicks(visitor: Visitor) -> None:
    assert "/en/services/civil-registry/change-of-address/" in visitor.open("")
    assert f"/en/{BASE}" in visitor.open("services/civil-registry/change-of-address/")
    assert "What is your full name?" in visitor.open(BASE)
    assert visitor.title == "What is your full name? – Change your address – Civil Registry Office"


def test_a_change_of_address_from_start_to_decision(visitor: Visitor) -> None:
    page = visitor.fill_in(county.ADDRESS, county.ADDRESS_ANSWERS)
    assert "Zuhura Mwinyi" in page
    assert "3 Mtaa wa Mnazi" in page
    visitor.post(visitor.path)
    assert visitor.page_id == "done"
    assert "Your address is changed" in visitor.html
    assert visitor.reference
    assert visitor.response.headers["Cache-Control"] == "no-store, private"
    visitor.open(f"{BASE}done/")
    assert visitor.reference

"""A driving licence: the bank's page closed, paid later from the tracker, issued, picked up with the PIN."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from loket.kernel import clock
from tests.county import LICENCE, LICENCE_ANSWERS
from tests.journeys import steps
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import pack

OFFICER = "wanjiku.mwangi@example.org"


@pytest.mark.parametrize("language", mainly("en"))
def test_from_home_to_the_card_in_hand(people: People, house: House, language: str, tmp_path: Path) -> None:
    person = people(language)
    service, _ = pack(LICENCE)
    stages = service.workflow.stages
    address = f"otieno-{language}@example.com"
    old = language == "sw"
    answers = {
        **LICENCE_ANSWERS,
        "ends_on": (clock.now() + timedelta(days=20)).date().isoformat(),
        "date_of_birth": "1955-08-21" if old else "1979-02-14",
        "years": "1" if old else "3",
        "contact": {"channel": "email", "address": address},
    }
    files = {"photo": steps.PICTURE, "medical_certificate": steps.PICTURE}
    way = steps.apply(person, LICENCE, answers, files)
    assert ("medical" in way) is old
    assert ("1,050" if old else "3,050") in person.words.replace(".", ",")
    reference = steps.send(person)
    # The bank's page is closed; nothing is lost, and the tracker leads back to it.
    steps.try_to_pay(person, "abandon")
    later = people(language)
    steps.follow(later, reference, address)
    later.press("#pay a.govuk-button")
    steps.pay(later)
    check = stages["check"].label[language]
    steps.follow(later, reference, address)
    assert later.heading == check

    house.act(reference, "approve", officer=OFFICER)
    pickup = stages["pickup"].label[language]
    assert pickup in person.wait_for_message(address, pickup)
    steps.see_all(later, reference, address)
    assert later.page.locator("#pickup").count() == 1
    link = steps.code_on(steps.document(later, service.documents["licence"].title[language], tmp_path))
    stranger = people(language)
    stranger.open(link)
    assert "DL482913" in stranger.words

    house.arrive(reference, officer=OFFICER)
    arrived = person.wait_for_message(address, "30 Station Lane")
    (pin,) = re.findall(r"(?<!\d)\d{6}(?!\d)", arrived)
    later.open("track/case/")
    assert pin in later.page.inner_text("#pickup")
    officer = people("en", desk=True)
    steps.sign_in(officer, OFFICER)
    steps.hand_over(officer, reference, pin)
    granted = stages["granted"].label[language]
    assert granted in person.wait_for_message(address, granted)
    later.open("track/case/")
    assert later.heading == granted

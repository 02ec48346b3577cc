"""A lost identity card: nothing to pay for the poor, half for some, made, and picked up with the PIN."""

import re

import pytest

from tests.county import CARD, CARD_ANSWERS
from tests.journeys import steps
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import CONTINUE, pack

OFFICER = "esther.chebet@example.org"


@pytest.mark.parametrize("language", mainly("id"))
def test_who_has_little_pays_nothing_and_gets_the_card(people: People, house: House, language: str) -> None:
    person = people(language)
    service, _ = pack(CARD)
    stages, rules = service.workflow.stages, service.tables["help"].rules
    address = f"kadzo-{language}@example.com"
    answers = {**CARD_ANSWERS, "contact": {"channel": "email", "address": address}}
    files = {"photo": steps.PICTURE, "income_proof": steps.PICTURE}
    way = steps.apply(person, CARD, answers, files)
    assert "police" not in way
    assert rules[1].because[language] in person.page.locator("#cost ~ details").text_content(), person.words
    person.press(CONTINUE)
    assert person.step == "done"
    reference = person.numbers[0]

    house.act(reference, "approve", officer=OFFICER)
    pickup = stages["pickup"].label[language]
    assert pickup in person.wait_for_message(address, pickup)
    house.arrive(reference, officer=OFFICER)
    arrived = person.wait_for_message(address, "8 Harbour Road")
    (pin,) = re.findall(r"(?<!\d)\d{6}(?!\d)", arrived)
    officer = people("en", desk=True)
    steps.sign_in(officer, OFFICER)
    steps.hand_over(officer, reference, pin)
    granted = stages["granted"].label[language]
    assert granted in person.wait_for_message(address, granted)


@pytest.mark.parametrize("language", mainly("sw"))
def test_who_has_a_little_more_pays_half(people: People, language: str) -> None:
    person = people(language)
    service, _ = pack(CARD)
    answers = {
        **CARD_ANSWERS,
        "what_happened": "stolen",
        "police_report": "OB/4512/2026",
        "gets_support": False,
        "household_size": 3,
        "household_income": 24000,
    }
    files = {"photo": steps.PICTURE, "income_proof": steps.PICTURE}
    assert "police" in steps.apply(person, CARD, answers, files)
    assert service.waivers[0].label[language] in person.words
    person.press(CONTINUE)
    assert "500.00" in person.heading.replace(",", ".")
    steps.pay(person)
    assert "500.00" in person.page.inner_text(".loket-receipt").replace(",", ".")

"""A request for information: a file, a question back, a refusal with its reasons; all on a phone."""

from datetime import timedelta
from pathlib import Path

import pytest

from loket.config.sample import place
from loket.kernel import clock
from tests.county import INFORMATION, INFORMATION_ANSWERS
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import CONTINUE, Person, pack

CARD = str(Path(place.__file__).parent / "specimen-card.png")
ASKED = "Which bridge do you mean, the old one or the new one?"
WORDS = "The contractor's bank details stand on every page."


@pytest.mark.parametrize("language", mainly("sw"))
def test_from_home_to_a_refusal_with_its_reasons(people: People, house: House, language: str) -> None:
    person = people(language)
    service, _ = pack(INFORMATION)
    person.open()
    person.press(person.link(f"/services/information-commission/{INFORMATION}/"))
    person.press(person.link(f"/apply/information-commission/{INFORMATION}/"))
    assert person.clicks <= 3
    address = f"odhiambo-{language}@example.com"
    answers = {
        **INFORMATION_ANSWERS,
        "period_from": (clock.now() - timedelta(days=300)).date().isoformat(),
        "about_me": True,
        "contact": {"channel": "email", "address": address},
    }
    way = person.fill_in(INFORMATION, answers, {"identity_proof": CARD})
    assert "proof" in way
    assert "specimen-card" in person.words
    person.press(CONTINUE)
    reference = person.numbers[0]
    assert reference in person.wait_for_message(address, reference)

    house.act(reference, "ask", message=ASKED, questions=["information"])
    waiting = service.workflow.stages["waiting"].label[language]
    assert waiting in person.wait_for_message(address, waiting)
    phone = people(language)
    _see_all_of_it(phone, reference, address)
    assert phone.heading == waiting
    assert ASKED in phone.words
    phone.press(phone.link("/track/reply/"))
    phone.type("q-information", "What did the new bridge cost?")
    phone.press(CONTINUE)
    assert "What did the new bridge cost?" in phone.words
    phone.press("main form button.govuk-button")
    assert phone.heading == service.workflow.stages["check"].label[language]
    assert phone.page.locator(".loket-flash").count() == 1

    house.act(reference, "refuse", reasons=["privacy"], words=WORDS)
    refused = service.workflow.stages["refused"]
    assert refused.label[language] in person.wait_for_message(address, refused.label[language])
    phone.open("track/case/")
    assert phone.heading == refused.label[language]
    reasons = service.workflow.stages["check"].actions["refuse"].reasons
    reason = next(one.label for one in reasons if one.value == "privacy")
    decision = phone.page.inner_text("#decision")
    assert reason[language] in decision
    assert WORDS in decision
    assert refused.says[language] in decision
    assert "Amina Wekesa" in phone.page.inner_text("#looks + ul")
    phone.press("form[action$='/track/leave/'] button")


def _see_all_of_it(person: Person, reference: str, address: str) -> None:
    """Reference and address show the stage; a one-time code the rest."""
    person.open("track/")
    person.type("reference", reference.lower().replace("-", " "))
    person.type("proof", address)
    person.press("main form button.govuk-button")
    assert ASKED not in person.words
    person.press("form[action$='/track/code/'] button")
    person.type("code", person.code_sent_to(address))
    person.press("main form button.govuk-button")

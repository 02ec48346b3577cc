"""A certificate of good conduct: paid at the second try, a question back, issued, believed by a stranger."""

from pathlib import Path

import pytest

from tests.county import CONDUCT, CONDUCT_ANSWERS
from tests.journeys import steps
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import CONTINUE, pack

OFFICER = "caroline.jepkosgei@example.org"
ASKED = "In which hospital were you born?"


@pytest.mark.parametrize("language", mainly("sw"))
def test_from_home_to_a_certificate_that_anybody_can_check(
    people: People, house: House, language: str, tmp_path: Path
) -> None:
    person = people(language)
    service, _ = pack(CONDUCT)
    address = f"achieng-{language}@example.com"
    answers = {**CONDUCT_ANSWERS, "contact": {"channel": "email", "address": address}}
    way = steps.apply(person, CONDUCT, answers, {"id_card": steps.PICTURE})
    assert "other_purpose" not in way
    assert "1,050" in person.words.replace(".", ",")
    reference = steps.send(person)
    steps.try_to_pay(person, "decline")
    assert person.page.locator(".loket-flash--warning").count() == 1
    assert person.numbers[0] == reference
    steps.pay(person)
    person.press("main .govuk-button-group a.govuk-button")
    assert person.step == "done"
    assert person.numbers[0] == reference
    assert reference in person.wait_for_message(address, reference)

    house.act(reference, "ask", officer=OFFICER, message=ASKED, questions=["place_of_birth"])
    waiting = service.workflow.stages["waiting"].label[language]
    assert waiting in person.wait_for_message(address, waiting)
    phone = people(language)
    steps.see_all(phone, reference, address)
    assert ASKED in phone.words
    phone.press(phone.link("/track/reply/"))
    phone.type("q-place_of_birth", "Bandarini, at home")
    phone.press(CONTINUE)
    phone.press(steps.PRESS)
    assert phone.heading == service.workflow.stages["check"].label[language]

    house.act(reference, "approve", officer=OFFICER)
    granted = service.workflow.stages["granted"].label[language]
    assert granted in person.wait_for_message(address, granted)
    phone.open("track/case/")
    assert phone.heading == granted
    title = service.documents["certificate"].title[language]
    link = steps.code_on(steps.document(phone, title, tmp_path))
    stranger = people(language)
    stranger.open(link)
    assert "Achieng Adhiambo" in stranger.words
    assert "33120987" in stranger.words
    assert stranger.page.locator(".govuk-tag--green").count() == 1
    stranger.open(link[:-1] + ("A" if link[-1] != "A" else "B"))
    assert "Achieng Adhiambo" not in stranger.words


@pytest.mark.parametrize("language", mainly("id"))
def test_a_refusal_says_why_and_how_to_appeal(people: People, house: House, language: str) -> None:
    person = people(language)
    service, _ = pack(CONDUCT)
    address = f"salim-{language}@example.com"
    answers = {
        **CONDUCT_ANSWERS,
        "purpose": "other",
        "other_purpose": "To adopt a child",
        "contact": {"channel": "email", "address": address},
    }
    assert "other_purpose" in steps.apply(person, CONDUCT, answers, {"id_card": steps.PICTURE})
    reference = steps.send(person)
    steps.pay(person)
    house.act(reference, "refuse", officer=OFFICER, reasons=["wrong_details"])
    refused = service.workflow.stages["refused"].label[language]
    assert refused in person.wait_for_message(address, refused)
    steps.see_all(person, reference, address)
    reasons = service.workflow.stages["check"].actions["refuse"].reasons
    reason = next(one.label for one in reasons if one.value == "wrong_details")
    assert reason[language] in person.page.inner_text("#decision")
    assert service.appeal
    assert service.appeal[language] in person.words

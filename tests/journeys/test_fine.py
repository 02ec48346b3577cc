"""A parking fine: looked up, seen, paid; another contested, cancelled or upheld."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.county import FINE, FINE_ANSWERS
from tests.journeys import steps
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import CONTINUE, Person, pack

OFFICER = "zainabu.juma@example.org"
PAID = {"en": ("PN-20481", "KDA 123A"), "id": ("PN-20517", "KBS 476C"), "sw": ("PN-20554", "KCJ 204U")}
CONTESTED = {"en": ("PN-20651", "KDD 114X"), "id": ("PN-20666", "KBG 153V"), "sw": ("PN-20699", "KDP 576U")}
UPHELD = {"en": ("PN-20722", "KAN 116M"), "id": ("PN-20793", "KBD 577S"), "sw": ("PN-20829", "KCS 113C")}


def about(fine: tuple[str, str], address: str, **others: object) -> dict[str, Any]:
    looked_up = {**FINE_ANSWERS["fine"], "number": fine[0], "fact": fine[1]}
    return {
        **FINE_ANSWERS, "fine": looked_up, "contact": {"channel": "email", "address": address}, **others,
    }  # fmt: skip


def look_up(person: Person, answers: Mapping[str, Any]) -> None:
    """The fine is shown; then the rest of the questions up to the check."""
    person.answer(FINE, answers)
    assert person.step == "fine"
    assert person.page.locator("#q-fine-found").count() == 1, person.words
    assert answers["fine"]["number"] in person.page.input_value("[name='q-fine-number']")


def found_to_be(person: Person, fine: tuple[str, str]) -> str:
    """What somebody is told who looks the fine up."""
    person.open(f"apply/county-revenue/{FINE}/")
    person.type("q-fine-number", fine[0])
    person.type("q-fine-fact", fine[1])
    person.press(CONTINUE)
    return person.page.inner_text(".govuk-error-summary")


@pytest.mark.parametrize("language", mainly("sw"))
def test_looked_up_and_paid(people: People, language: str) -> None:
    person = people(language)
    service, _ = pack(FINE)
    fine, address = PAID[language], f"aisha-{language}@example.com"
    answers = about(fine, address)
    steps.start(person, FINE)
    person.answer(FINE, about((fine[0], "KZZ 000Z"), address))
    assert person.page.locator(".govuk-error-summary").count() == 1
    look_up(person, answers)
    way = person.fill_in(FINE, answers)
    assert "grounds" not in way
    assert service.waivers[0].label[language] in person.words
    reference = steps.send(person)
    steps.pay(person)
    paid = service.workflow.stages["paid"].label[language]
    assert paid in person.wait_for_message(address, paid)
    steps.follow(person, reference, address)
    assert person.heading == paid
    assert fine[0] in found_to_be(people(language), fine)


@pytest.mark.parametrize("language", mainly("en"))
def test_contested_and_cancelled(people: People, house: House, language: str) -> None:
    person = people(language)
    service, _ = pack(FINE)
    fine, address = CONTESTED[language], f"mwanaisha-{language}@example.com"
    answers = about(fine, address, intention="contest", grounds="paid", story="I had paid for two hours.")
    reference = contest(person, answers)
    assert person.heading == service.workflow.stages["review"].label[language]
    on_hold = found_to_be(people(language), fine)
    house.act(reference, "cancel", officer=OFFICER, reasons=["paid"])
    cancelled = service.workflow.stages["cancelled"].label[language]
    assert cancelled in person.wait_for_message(address, cancelled)
    assert found_to_be(people(language), fine) != on_hold


@pytest.mark.parametrize("language", mainly("id"))
def test_contested_upheld_and_paid_after_all(people: People, house: House, language: str) -> None:
    person = people(language)
    service, _ = pack(FINE)
    fine, address = UPHELD[language], f"rini-{language}@example.com"
    answers = about(fine, address, intention="contest", grounds="sign", story="Leaves hid the sign.")
    reference = contest(person, answers)
    house.act(reference, "uphold", officer=OFFICER, reasons=["sign_clear"], words="Our photo shows it.")
    upheld = service.workflow.stages["upheld"]
    assert upheld.label[language] in person.wait_for_message(address, upheld.label[language])
    steps.see_all(person, reference, address)
    reasons = service.workflow.stages["review"].actions["uphold"].reasons
    reason = next(one.label for one in reasons if one.value == "sign_clear")
    assert reason[language] in person.page.inner_text("#decision")
    # Contesting costs nobody the half: by the link that comes with the decision, or by looking it up again.
    payer = people(language)
    steps.start(payer, FINE)
    look_up(payer, about(fine, address))
    payer.fill_in(FINE, about(fine, address))
    assert service.waivers[0].label[language] in payer.words
    link = re.search(r"http://\S+/pay/\S+", person.wait_for_message(address, "/pay/"))
    assert link
    person.open(link[0])
    steps.pay(person)
    # Whoever looked it up meanwhile and now sends is told.
    payer.press(CONTINUE)
    assert payer.page.locator(".govuk-error-summary").count() == 1
    assert payer.step == "fine"


def contest(person: Person, answers: Mapping[str, Any]) -> str:
    """Nothing is to be paid; the reference."""
    steps.start(person, FINE)
    look_up(person, answers)
    assert "grounds" in person.fill_in(FINE, answers, {"evidence": steps.PICTURE})
    person.press(CONTINUE)
    assert person.step == "done"
    reference = person.numbers[0]
    person.press(steps.PRESS)
    return reference

"""Stopping and going on: on paper, by a link, in another language; and leaving nothing behind."""

import re

import pytest

from tests.county import ADDRESS, ADDRESS_ANSWERS, INFORMATION, INFORMATION_ANSWERS
from tests.journeys.conftest import People, mainly
from tests.journeys.house import House
from tests.journeys.person import CONTINUE, pack

APPLY = f"apply/civil-registry/{ADDRESS}/"
FINISH = "form.loket-finish button"


@pytest.mark.parametrize("language", mainly("sw"))
def test_the_aged_father_needs_neither_mail_nor_telephone(
    people: People, house: House, language: str
) -> None:
    cafe = people(language)
    service, _ = pack(INFORMATION)
    cafe.open(f"apply/information-commission/{INFORMATION}/")
    nowhere = {"channel": "none", "address": ""}
    cafe.fill_in(INFORMATION, {**INFORMATION_ANSWERS, "form_of_access": "inspect", "contact": nowhere})
    cafe.press(CONTINUE)
    reference, pin = cafe.numbers
    cafe.press(FINISH)
    assert cafe.step == "finished"
    assert [one for one in cafe.context.cookies() if one["name"].startswith("loket-")] == []
    cafe.open(f"apply/information-commission/{INFORMATION}/done/")
    assert reference not in cafe.page.content()

    house.act(reference, "grant", words="The road cost 4,180,000 shillings.")
    elsewhere = people(language)
    elsewhere.open()
    elsewhere.press(elsewhere.link("/track/"))
    elsewhere.type("reference", reference)
    elsewhere.type("proof", pin)
    elsewhere.press("main form button.govuk-button")
    assert elsewhere.heading == service.workflow.stages["granted"].label[language]
    assert "4,180,000" in elsewhere.page.inner_text("#decision")
    elsewhere.press(FINISH)
    elsewhere.open("track/case/")
    assert elsewhere.step == "track"


@pytest.mark.parametrize("language", mainly("id"))
def test_saved_on_paper_and_gone_on_elsewhere(people: People, language: str) -> None:
    library = people(language)
    library.open(APPLY)
    library.answer(ADDRESS, ADDRESS_ANSWERS)
    library.answer(ADDRESS, ADDRESS_ANSWERS)
    library.press("button[name=save]")
    library.type("q-way", "none")
    library.press("main form button.govuk-button")
    reference, pin = library.numbers
    library.press(FINISH)

    home = people(language)
    home.open()
    home.press(home.link("/return/"))
    home.type("reference", reference)
    home.type("pin", "00000000")
    home.press("main form button.govuk-button")
    assert home.page.locator(".govuk-error-summary").count() == 1
    home.type("pin", pin)
    home.press("main form button.govuk-button")
    assert home.step == "identity"
    home.fill_in(ADDRESS, ADDRESS_ANSWERS)
    assert "Zuhura Mwinyi" in home.words


@pytest.mark.parametrize("language", mainly("en"))
def test_saved_with_a_link_and_gone_on_elsewhere(people: People, language: str) -> None:
    here = people(language)
    here.open(APPLY)
    here.answer(ADDRESS, ADDRESS_ANSWERS)
    here.press("button[name=save]")
    address = f"zuhura-{language}@example.com"
    here.type("q-way", "email")
    here.type("q-way-email", address)
    here.press("main form button.govuk-button")
    link = re.search(r"http://\S+/return/\S+", here.wait_for_message(address, "/return/"))
    assert link

    there = people(language)
    there.open(link[0])
    there.press("main form button.govuk-button")
    assert there.step == "birth"
    # The answers have moved; where they were before, nothing opens them.
    here.open(APPLY + "birth/")
    assert here.step != "birth" or here.page.locator("[name='q-date_of_birth-day']").count() == 0


def test_another_language_in_the_middle_keeps_the_answers(people: People) -> None:
    person = people("en")
    person.open(APPLY)
    for language in ("id", "sw"):
        person.answer(ADDRESS, ADDRESS_ANSWERS)
        person.press(person.page.locator(f".loket-languages a[hreflang='{language}']"))
        person.language = language
        person.asks(pack(ADDRESS)[0])
    person.fill_in(ADDRESS, ADDRESS_ANSWERS)
    assert "Zuhura Mwinyi" in person.words
    assert "1991" in person.words
    person.press(person.page.locator("a[href*='/name/']"))
    assert person.page.input_value("[name='q-full_name']") == "Zuhura Mwinyi"


@pytest.mark.parametrize("language", mainly("sw"))
def test_clearing_asks_before_unsaved_answers_go(people: People, language: str) -> None:
    person = people(language)
    person.open(APPLY)
    person.answer(ADDRESS, ADDRESS_ANSWERS)
    person.press(FINISH)
    assert person.step == "finish"
    assert pack(ADDRESS)[0].title[language] in person.words
    person.press("button[name=sure]")
    assert person.step == "finished"
    person.open(APPLY)
    assert person.page.input_value("[name='q-full_name']") == ""

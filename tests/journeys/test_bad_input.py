"""What goes wrong is said in a sentence by the field, in the page's language, and nothing is lost."""

from pathlib import Path

import pytest

from tests.county import ADDRESS, ADDRESS_ANSWERS, INFORMATION, INFORMATION_ANSWERS
from tests.journeys.conftest import People, mainly
from tests.journeys.person import CONTINUE, Person

APPLY = f"apply/civil-registry/{ADDRESS}/"


def _error(person: Person, field: str) -> str:
    """The sentence by the field; the summary says the same and leads there."""
    said = person.page.locator(".govuk-error-message")
    assert said.count() == 1, person.words
    text = said.inner_text().partition(":")[2].strip()
    link = person.page.locator(".govuk-error-summary a")
    assert link.inner_text().strip() == text
    target = link.get_attribute("href") or ""
    assert target.startswith(f"#q-{field}")
    assert person.page.locator(f"[id='{target[1:]}']").count() == 1
    return text


@pytest.mark.parametrize("language", mainly("id"))
def test_a_day_that_does_not_exist(people: People, language: str) -> None:
    person = people(language)
    person.open(APPLY)
    person.answer(ADDRESS, ADDRESS_ANSWERS)
    for part, typed in {"day": "31", "month": "2", "year": "1990"}.items():
        person.type(f"q-date_of_birth-{part}", typed)
    person.press(CONTINUE)
    said = _error(person, "date_of_birth")
    assert "28" in said
    assert {"en": "days", "id": "hari", "sw": "siku"}[language] in said
    assert person.page.input_value("[name='q-date_of_birth-day']") == "31"
    assert person.page.input_value("[name='q-date_of_birth-month']") == "2"


@pytest.mark.parametrize("language", mainly("sw"))
def test_too_much_text_and_letters_of_every_kind(people: People, language: str) -> None:
    person = people(language)
    person.open(f"apply/information-commission/{INFORMATION}/")
    person.type("q-topic", "x" * 81)
    person.type("q-information", "Barabara 🛣️ ya soko")
    person.press(CONTINUE)
    said = _error(person, "topic")
    assert "80" in said
    assert "81" in said
    assert person.page.input_value("[name='q-topic']") == "x" * 81
    assert person.page.input_value("[name='q-information']") == "Barabara 🛣️ ya soko"
    person.type("q-topic", "Soko 🧺")
    person.press(CONTINUE)
    assert person.step == "period"


def test_a_program_that_calls_itself_a_paper(people: People, tmp_path: Path) -> None:
    program = tmp_path / "letter.pdf"
    program.write_bytes(b"MZ\x90\x00" + b"\x00" * 4000)
    person = people("sw")
    person.open(f"apply/information-commission/{INFORMATION}/")
    answers = {**INFORMATION_ANSWERS, "about_me": True}
    while person.step != "proof":
        person.answer(INFORMATION, answers)
    person.answer(INFORMATION, answers, {"identity_proof": str(program)})
    assert person.step == "proof"
    assert _error(person, "identity_proof")
    assert person.page.locator("button[name='q-identity_proof-remove']").count() == 0


@pytest.mark.parametrize("language", mainly("en"))
def test_telephone_numbers_from_elsewhere(people: People, language: str) -> None:
    person = people(language)
    person.open(APPLY)
    person.answer(ADDRESS, ADDRESS_ANSWERS)
    person.press("button[name=save]")
    person.type("q-way", "sms")
    person.type("q-way-phone", "0812 3456 78901")
    person.press("main form button.govuk-button")
    assert _error(person, "way")
    assert person.page.input_value("[name='q-way-phone']") == "0812 3456 78901"
    person.type("q-way-phone", "+62 812 3456 7890")
    person.press("main form button.govuk-button")
    assert person.page.locator(".govuk-error-summary").count() == 0
    assert "+62" in person.words
    assert "/return/" in person.wait_for_message("+62", "/return/")


@pytest.mark.parametrize("language", mainly("id"))
def test_a_cookie_that_somebody_changed(people: People, language: str) -> None:
    person = people(language)
    person.open(APPLY)
    person.answer(ADDRESS, ADDRESS_ANSWERS)
    kept = next(one for one in person.context.cookies() if one["name"].startswith("loket-d-"))
    spoilt = {**kept, "value": (kept.get("value") or "")[:-3] + "AAA"}
    person.context.add_cookies([spoilt])  # type: ignore[list-item]
    person.open(APPLY + "birth/")
    assert "Zuhura" not in person.words
    assert person.page.locator("main a").count() >= 1
    person.context.add_cookies([kept])  # type: ignore[list-item]
    person.open(APPLY + "name/")
    assert person.page.input_value("[name='q-full_name']") == "Zuhura Mwinyi"

"""A change of address, decided at once."""

from collections.abc import Callable

import pytest

from tests.county import ADDRESS, ADDRESS_ANSWERS
from tests.journeys.conftest import People, mainly
from tests.journeys.person import CONTINUE, pack


@pytest.mark.parametrize("language", mainly("en"))
def test_from_home_to_the_decision_on_a_phone(
    people: People, language: str, record_property: Callable[[str, object], None]
) -> None:
    person = people(language)
    service, _ = pack(ADDRESS)
    person.open()
    person.press(person.link(f"/services/civil-registry/{ADDRESS}/"))
    assert person.heading == service.title[language]
    person.press(person.link(f"/apply/civil-registry/{ADDRESS}/"))
    person.asks(service)
    assert person.clicks <= 3
    record_property("clicks to the first question", person.clicks)
    way = person.fill_in(ADDRESS, ADDRESS_ANSWERS)
    assert "family" not in way
    assert "3 Mtaa wa Mnazi" in person.words
    person.press(CONTINUE)
    assert person.heading == service.workflow.stages["changed"].label[language]
    reference = person.numbers[0]
    assert len(person.numbers) == 1
    assert reference in person.wait_for_message("zuhura@example.com", reference)
    person.press("main form button")
    assert person.heading == service.workflow.stages["changed"].label[language]

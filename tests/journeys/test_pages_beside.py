"""Pages that no story leads to are looked at too: for programs, of the promise, and while people wait."""

import pytest
from playwright.sync_api import Browser

from loket.web.crowd.page import Why, waiting
from tests.journeys.conftest import LANGUAGES, PHONE, People
from tests.journeys.looking import Inspector


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_programs_and_of_the_promise_fit_a_phone(people: People, language: str) -> None:
    person = people(language)
    person.open("developers/")
    person.open("performance/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_waits_can_read_and_go_on(browser: Browser, inspector: Inspector, language: str) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        for why in Why:
            page.set_content(waiting(language, why, 200, [("q-x", "1")], files=True).decode())
            inspector.seen(page, language=language)
            offers = page.locator("main a.again, main button").all()
            assert len(offers) == (why is not Why.LOST)
            for one in offers:
                box = one.bounding_box()
                assert box is not None
                assert box["height"] >= 44

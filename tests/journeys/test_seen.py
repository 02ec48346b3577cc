"""Each thing that is looked for on every page is found where it is planted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import PHONE, People
from tests.journeys.looking import Inspector, Watch

GOOD = """<!DOCTYPE html><html lang="sw"><head><title>Ukurasa</title></head><body>
<main><h1>Habari</h1><p>Karibu.</p></main></body></html>"""
PLANTED = {
    "sideways": ("<p>Karibu.</p>", '<p style="width:500px">Karibu.</p>', "scrolls sideways"),
    "no heading": ("<h1>Habari</h1>", "<h2>Habari</h2>", "0 headings"),
    "two headings": ("<p>Karibu.</p>", "<h1>Karibu.</h1>", "2 headings"),
    "no title": ("<title>Ukurasa</title>", "<title> </title>", "no title"),
    "language": ('lang="sw"', 'lang="en"', "its language is 'en'"),
    "ids": ("<p>Karibu.</p>", '<p id="a">Karibu.</p><p id="a">Tena.</p>', "ids used twice: ['a']"),
    "not translated": ("<p>Karibu.</p>", "<p>Continue</p>", "not translated: 'Continue'"),
    "axe": ("<p>Karibu.</p>", '<p style="color:#ccc">Karibu.</p>', "axe: color-contrast"),
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        yield context.new_page()


def test_a_good_page_is_let_through(page: Page, inspector: Inspector) -> None:
    page.set_content(GOOD)
    inspector.seen(page, language="sw")


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(page: Page, inspector: Inspector, fault: str) -> None:
    there, planted, said = PLANTED[fault]
    assert there in GOOD
    page.set_content(GOOD.replace(there, planted))
    inspector.checked.clear()
    with pytest.raises(AssertionError) as found:
        inspector.seen(page, language="sw")
    assert said in str(found.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("console.error('planted')", "console: planted"),
        ("setTimeout(() => { throw new Error('planted') })", "script failed: planted"),
        ("fetch('/nothing-here.css')", "404 for "),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "Content Security Policy"),
    ],
)
def test_a_complaint_of_the_browser_is_found(people: People, script: str, said: str) -> None:
    person = people("en", desk=True)
    person.open("accessibility/")
    person.page.evaluate(f"() => {{ {script} }}")
    person.page.wait_for_timeout(200)
    with pytest.raises(AssertionError) as found:
        person.look()
    assert said in str(found.value)


def test_a_request_to_somebody_else_is_found(page: Page) -> None:
    watch = Watch(page, "http://127.0.0.1:8000")
    page.set_content('<img src="http://127.0.0.1:9/pixel.png" alt="">')
    assert "asked somebody else: http://127.0.0.1:9/pixel.png" in watch.faults


def test_the_watch_forgets_what_it_has_said(people: People) -> None:
    person = people("en", desk=True)
    person.open("accessibility/")
    person.watch.faults.append("planted")
    with pytest.raises(AssertionError):
        person.look()
    person.look()

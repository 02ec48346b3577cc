"""One house and one browser for all stories of this folder; contexts as people have them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.journeys.house import PATIENCE_SECONDS, House, open_house
from tests.journeys.looking import Inspector
from tests.journeys.person import Person
from tools.screenshots import CHROMIUM, SWITCHES

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
LANGUAGES = ("en", "id", "sw")


def mainly(language: str) -> list[object]:
    """Every language; `make test` tells the story in this one, `make prove` in the others too."""
    others = [pytest.param(other, marks=pytest.mark.prove) for other in LANGUAGES if other != language]
    return [language, *others]


People = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


# Not for the session: Playwright keeps an event loop running, which tests with a database refuse.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engine:
        opened = engine.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, "--disable-sync"])
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="package")
def inspector(browser: Browser) -> Iterator[Inspector]:
    # axe is put into the page by the browser's own protocol, past the content security policy.
    with browser.new_context(bypass_csp=True, viewport=PHONE) as context:
        yield Inspector(context.new_page())


@pytest.fixture
def people(browser: Browser, house: House, inspector: Inspector) -> Iterator[People]:
    """Makes people: `people("sw")` on a phone without scripts, `people("en", desk=True)` at a desk with."""
    contexts: list[BrowserContext] = []

    def arrive(language: str, *, desk: bool = False, scripts: bool | None = None) -> Person:
        context = browser.new_context(
            viewport=DESK if desk else PHONE,
            java_script_enabled=desk if scripts is None else scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        contexts.append(context)
        return Person(context, house, inspector, language)

    yield arrive
    for context in contexts:
        context.close()

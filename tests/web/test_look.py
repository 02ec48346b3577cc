"""The gallery in a real browser: nothing scrolls sideways, no rule of WCAG 2.2 AA known to axe is broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.screenshots import CHROMIUM, SWITCHES, gallery

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("home", "home/8a1538", "home/fff200", "question", "parts", "desk", "nothing")
RUN_AXE = """async () => {
    const found = await axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]});
    return found.violations.map(one => one.id + ": " + one.nodes.map(node => node.html).join(" | "));
}"""
PLANT = """() => document.querySelector("main").insertAdjacentHTML("beforeend",
    '<p style="color:#bbb;width:2000px">Too faint and too wide</p><img src="/x.png">')"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with gallery() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engine:
        opened = engine.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield opened
        opened.close()


def test_pages_fit_and_are_accessible(browser: Browser, site: str) -> None:
    wrong: list[str] = []
    # axe is put into the page by the browser's own protocol, past the content security policy.
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        for name in PAGES:
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(f"{site}/en/gallery/{name}/")
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wrong.append(f"{name} scrolls sideways at {width}")
                page.add_script_tag(path=AXE)
                wrong += [f"{name} at {width}: {said}" for said in page.evaluate(RUN_AXE)]
    assert wrong == []


def test_the_checks_find_what_is_planted(browser: Browser, site: str) -> None:
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"{site}/en/gallery/parts/")
        page.evaluate(PLANT)
        page.add_script_tag(path=AXE)
        found = " ".join(page.evaluate(RUN_AXE))
        assert "color-contrast" in found
        assert "image-alt" in found
        assert page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_the_policy_is_kept_and_scripts_start(browser: Browser, site: str) -> None:
    said: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for name in ("question", "desk"):
            page.goto(f"{site}/en/gallery/{name}/")
            page.wait_for_load_state("networkidle")
            assert "govuk-frontend-supported" in (page.get_attribute("body", "class") or "")
        assert said == []
        page.goto(f"{site}/en/gallery/question/")
        assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")


def test_pages_do_their_work_without_javascript(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/en/gallery/home/")
        page.get_by_role("link", name="Bahasa Indonesia").click()
        assert page.url.endswith("/id/gallery/home/")
        assert page.locator("html").get_attribute("lang") == "id"

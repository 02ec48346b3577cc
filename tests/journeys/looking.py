"""What must hold on every page that anybody visits, whatever the story."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Page, Request, Response, Route

from tools.texts import SOURCE, sentences

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Beyond the law, what axe calls good practice; but a back link stands before the main part on
# purpose, and radios that reveal a field say so, which screen readers understand (govuk-frontend, issue 979).
_RUN_AXE = """async () => {
    const found = await axe.run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        rules: {region: {enabled: false}},
    });
    const known = (rule, html) => rule === "aria-allowed-attr" && html.includes("govuk-radios__input");
    return found.violations
        .map(one => [one.id, one.nodes.map(node => node.html).filter(html => !known(one.id, html))])
        .filter(([id, nodes]) => nodes.length)
        .map(([id, nodes]) => id + ": " + nodes.map(html => html.slice(0, 200)).join(" | "));
}"""
_FACTS = """() => {
    const words = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const inside = walk.currentNode.parentElement.closest("script, style, [lang]");
        if (inside === document.documentElement || inside === null)
            words.push(walk.currentNode.textContent.trim());
    }
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    return {
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        headings: document.querySelectorAll("h1").length,
        title: document.title.trim(),
        lang: document.documentElement.lang,
        twice: ids.filter((id, at) => ids.indexOf(id) !== at),
        hidden: [...document.querySelectorAll("[hidden]")]
            .filter(one => getComputedStyle(one).display !== "none").map(one => one.outerHTML.slice(0, 120)),
        words: words.filter(one => one.length > 1),
    };
}"""
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/return/)[^/]+|(?<=/pay/)[^/]+|(?<=/verify/)[^/]+")


class Watch:
    """Listens to one page of the browser: what it complains of and whom it talks to."""

    def __init__(self, page: Page, site: str) -> None:
        self.site, self.faults = site, list[str]()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script failed: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # Answers that are no success are judged by `_answered`.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site + "/", "data:", "about:", "blob:")):
            self.faults.append(f"asked somebody else: {request.url}")

    def _answered(self, response: Response) -> None:
        expected = response.request.resource_type == "document" and response.status < 500
        if response.status >= 400 and not expected:
            self.faults.append(f"{response.status} for {response.url}")


class Inspector:
    """Looks at pages; runs axe once for each page, language and state, on the same HTML with scripts on."""

    def __init__(self, checker: Page) -> None:
        self.checker = checker
        self.visited: Counter[str] = Counter()
        self.checked: set[tuple[str, ...]] = set()
        self._html: Mapping[str, str] = {}
        checker.route("**/*", self._serve)

    def seen(self, page: Page, watch: Watch | None = None, *, language: str | None = None) -> None:
        """Fails with everything that is wrong with what the page shows now."""
        path = _CHANGING.sub("…", urlsplit(page.url).path)
        spoken = language or path.split("/")[1]
        wrong, facts = _faults(page, spoken)
        if watch:
            wrong += watch.faults
            watch.faults = []
        self.visited[path] += 1
        # States of one address differ in what they are built of, not in the words people wrote.
        shape = page.evaluate("() => [...new Set([...document.querySelectorAll('main [class]')]"
                              ".flatMap(one => [...one.classList]))].sort().join(' ')")  # fmt: skip
        key = (path, spoken, shape, facts)
        if key not in self.checked:
            self.checked.add(key)
            wrong += self.axe(page)
        assert not wrong, f"{page.url}: " + "\n".join(wrong)

    def axe(self, page: Page) -> list[str]:
        size = page.viewport_size
        if size and size != self.checker.viewport_size:
            self.checker.set_viewport_size(size)
        # About pages keep the address of no site; their content is all there is to check.
        if page.url.startswith("about:"):
            self.checker.set_content(page.content())
        else:
            self._html = {page.url: page.content()}
            self.checker.goto(page.url)
        self.checker.evaluate(_axe())
        return [f"axe: {said}" for said in self.checker.evaluate(_RUN_AXE)]

    def _serve(self, route: Route) -> None:
        html = self._html.get(route.request.url)
        if html is not None and route.request.resource_type == "document":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.continue_()


def _faults(page: Page, spoken: str) -> tuple[list[str], str]:
    facts = page.evaluate(_FACTS)
    wrong = []
    if facts["wide"] > 0:
        wrong.append(f"scrolls sideways by {facts['wide']} pixels")
    if facts["headings"] != 1:
        wrong.append(f"{facts['headings']} headings of the first level")
    if not facts["title"]:
        wrong.append("no title")
    if facts["lang"] != spoken:
        wrong.append(f"says its language is {facts['lang']!r} instead of {spoken!r}")
    if facts["twice"]:
        wrong.append(f"ids used twice: {facts['twice']}")
    wrong += [f"hidden, and yet in sight: {html}" for html in facts["hidden"]]
    wrong += [f"not translated: {text!r}" for text in sorted(set(facts["words"]) & english_left(spoken))]
    return wrong, "Error" if page.locator(".govuk-error-summary").count() else ""


@lru_cache
def english_left(language: str) -> frozenset[str]:
    """Interface sentences which, shown on a page in this language, were forgotten by somebody."""
    if language == "en":
        return frozenset()
    ids = {one.msgid for one in sentences() if isinstance(one.msgid, str)}
    same = set()
    for file in SOURCE.glob(f"**/locale/{language}/LC_MESSAGES/django.po"):
        with file.open("rb") as opened:
            same |= {message.id for message in read_po(opened) if message.id == message.string}
    return frozenset(ids - same)


@lru_cache
def _axe() -> str:
    return AXE.read_text()

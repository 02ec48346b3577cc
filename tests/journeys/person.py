"""Somebody with a browser: opens addresses, answers what is asked, presses what stands there."""

import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

from loket.catalogue.loader import load
from loket.catalogue.service import Service
from loket.config.sample.place import LIBRARY
from loket.forms.answering import answers_from_json, raw_of
from loket.forms.compiled import CompiledForm, compile_form
from tests.journeys.house import PATIENCE_SECONDS, House
from tests.journeys.looking import Inspector, Watch

CONTINUE = "main form .govuk-button-group button.govuk-button"
# Other messages have numbers of six digits too: receipts.
_CODE = re.compile(r"(?:Your code is|Kode Anda|Msimbo wako ni) (\d{6})\.")
_read_before: set[str] = set()
_REFERENCE = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$")


@lru_cache
def pack(key: str) -> tuple[Service, CompiledForm]:
    """A service of the library as its file says."""
    service = load(LIBRARY / key).service
    assert service is not None
    return service, compile_form(service.form)


class Person:
    """Every page is looked at on arrival. `clicks` counts links followed and buttons pressed."""

    def __init__(self, context: BrowserContext, house: House, inspector: Inspector, language: str) -> None:
        self.context, self.house, self.inspector = context, house, inspector
        self.language, self.clicks = language, 0
        self.page: Page = context.new_page()
        self.watch = Watch(self.page, house.site)

    def open(self, path: str = "") -> None:
        self.page.goto(path if path.startswith("http") else f"{self.house.site}/{self.language}/{path}")
        self.look()

    def look(self) -> None:
        self.inspector.seen(self.page, self.watch)

    def press(self, what: str | Locator, *, looking: bool = True) -> None:
        """A link or button, by selector; waits for the page that it leads to."""
        found = self.page.locator(what) if isinstance(what, str) else what
        with self.page.expect_navigation():
            found.first.click()
        self.clicks += 1
        if looking:
            self.look()

    def link(self, ending: str) -> Locator:
        return self.page.locator(f"main a[href$='{ending}'], .loket-hero a[href$='{ending}']")

    def type(self, field: str, text: str) -> None:
        """Into a field by its name; radios and boxes are chosen by their value."""
        found = self.page.locator(f"[name='{field}']")
        if found.first.get_attribute("type") in {"radio", "checkbox"}:
            self.page.locator(f"[name='{field}'][value='{text}']").check()
        else:
            found.fill(text)

    def answer(self, key: str, answers: Mapping[str, Any], files: Mapping[str, str] | None = None) -> None:
        """Fills in the page at hand, as kinds store answers, and goes on."""
        service, form = pack(key)
        page = next(page for page in service.form.pages if page.id == self.step)
        values = answers_from_json(form, answers)
        for question in page.questions:
            if files and question.id in files:
                self.page.locator(f"[name='q-{question.id}']").set_input_files(files[question.id])
                continue
            if question.id not in values or not self.page.locator(f"[name^='q-{question.id}']").count():
                continue
            for part, typed in raw_of(form, values, question.id).items():
                field = f"q-{question.id}" + (f"-{part}" if part else "")
                # What is looked up has no field.
                for text in typed if self.page.locator(f"[name='{field}']").count() else ():
                    if text:
                        self.type(field, text)
        self.press(CONTINUE)

    def fill_in(
        self, key: str, answers: Mapping[str, Any], files: Mapping[str, str] | None = None
    ) -> list[str]:
        """From the page at hand to where the answers are checked; the steps on the way."""
        service, _ = pack(key)
        way = []
        while self.step != "check":
            way.append(self.step)
            assert len(way) <= len(service.form.pages), way
            self.asks(service)
            self.answer(key, answers, files)
            assert self.step != way[-1], self.page.inner_text("main")
        return way

    def asks(self, service: Service) -> None:
        """The question stands there in this person's language, as the pack has it."""
        page = next(page for page in service.form.pages if page.id == self.step)
        title = page.title or next(one.label for one in page.questions if one.kind != "note")
        # What need not be answered says so after the question.
        assert self.heading.startswith(title[self.language]), (self.page.url, self.heading)

    @property
    def step(self) -> str:
        return self.page.url.partition("?")[0].rstrip("/").rpartition("/")[2]

    @property
    def heading(self) -> str:
        return self.page.inner_text("h1").strip()

    @property
    def words(self) -> str:
        return self.page.inner_text("main")

    @property
    def numbers(self) -> list[str]:
        """Reference, and where there is one the PIN, in large type."""
        found = [one.strip() for one in self.page.locator(".loket-reference").all_inner_texts()]
        assert found, self.words
        assert _REFERENCE.match(found[0]), found
        return found

    def wait_for_message(self, address: str, containing: str) -> str:
        """The latest in the demonstration's outbox for this address, once the worker has sent it."""
        return self._message(address, lambda text: containing in text)

    def code_sent_to(self, address: str) -> str:
        """The newest that was not read here before: one that was used is of no use again."""

        def new_in(text: str) -> str | None:
            found = _CODE.search(text)
            return found[1] if found and found[1] not in _read_before else None

        code = new_in(self._message(address, lambda text: new_in(text) is not None))
        assert code
        _read_before.add(code)
        return code

    def _message(self, address: str, fits: Callable[[str], bool]) -> str:
        outbox = self.context.new_page()
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < until:
                outbox.goto(f"{self.house.site}/{self.language}/outbox/")
                for message in outbox.locator("article").all_inner_texts():
                    if address in message and fits(message):
                        return message
                outbox.wait_for_timeout(150)
        finally:
            outbox.close()
        raise AssertionError(f"no such message to {address}")

"""People who apply: page by page, with mishaps, going back, pressing twice, paying in every odd way.

Whoever gets no answer does as people do: waits a moment, opens the form again and looks where they are.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import date
from random import Random

from benchmarks.crash import programs, stories
from benchmarks.crash.book import Book, Page, Pressed, Story
from benchmarks.crash.browser import Answer, Browser, NoAnswer
from benchmarks.crash.stories import Service, Typed

_REFERENCE = re.compile(r'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<')
_LOOK_AGAIN = (0.1, 0.4)
_NO_ROOM = "We could not store the file"
# How long whoever waits for an answer goes on asking after everybody was sent home.
_GRACE = 45.0
_MOST_PAGES = 60
# One in so many is no person but a program.
_PROGRAMS = 4
_BUTTONS = {
    "approve": 10, "told_twice": 2, "late": 1, "out_of_order": 2, "charged_twice": 2, "partly": 2,
    "too_much": 2, "decline": 2,
}  # fmt: skip


class GoneHome(Exception):
    """Everybody was sent home."""


class Strange(Exception):
    """An answer that nobody here expects: neither the next page nor a page to try again later."""


class Crowd:
    """So many people at once, one application after the other, until they are sent home."""

    def __init__(
        self, port: int, book: Book, *, seed: int, people: int, pause: float, services: tuple[Service, ...]
    ) -> None:
        self.port, self.book, self.pause, self.services = port, book, pause, services
        self.strange: list[str] = []
        # Uploads for which there was no room, and that said so.
        self.refused = 0
        # While set, nobody begins anew; who has begun goes on.
        self.held_back = threading.Event()
        self._home, self._home_at = threading.Event(), 0.0
        self._seed = seed
        self._threads = [
            threading.Thread(target=self._live, args=(number,), name=f"person-{number}", daemon=True)
            for number in range(people)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def send_home(self) -> None:
        """Nobody begins or goes on; whoever waits for an answer gets it. Returns when all are gone."""
        self._home_at = time.monotonic()
        self._home.set()
        for thread in self._threads:
            thread.join(_GRACE + 60)

    @property
    def going_home(self) -> bool:
        return self._home.is_set()

    @property
    def patience_is_over(self) -> bool:
        return self._home.is_set() and time.monotonic() - self._home_at > _GRACE

    def _live(self, number: int) -> None:
        by, count = Random(f"{self._seed}/{number}"), 0
        while not self.going_home:
            if self.held_back.is_set():
                time.sleep(_LOOK_AGAIN[0])
                continue
            count += 1
            mark = f"person{number}.{count}.of{self._seed}@example.com"
            address = f"10.{number % 250}.{count // 250 % 250}.{count % 250}"
            if number % _PROGRAMS == _PROGRAMS - 1:
                programs.send_one(self, by, mark, address)
                continue
            person = Person(self, by, mark, address)
            try:
                person.apply()
            except GoneHome:
                return
            except Strange as strange:
                self.strange.append(f"{person.story.service}, {strange}")
            finally:
                person.browser.close()


class Person:
    def __init__(self, crowd: Crowd, by: Random, mark: str, address: str) -> None:
        self.crowd, self.by = crowd, by
        self.service = by.choice(crowd.services)
        self.story = crowd.book.begin(Story(mark, self.service.key))
        self.typed = stories.typed(self.service, mark, by, date.today())  # noqa: DTZ011 - as people date
        self.browser = Browser(crowd.port, address)

    def apply(self) -> None:
        """Until it is sent and paid, or until they have had enough."""
        leaves_after = self.by.randint(1, 6) if self.by.random() < 0.15 else _MOST_PAGES
        for _ in range(_MOST_PAGES):
            page = self._asked_page()
            if page == "check":
                break
            self._fill_in(page)
            if len(self.story.acknowledged) >= leaves_after:
                return
        if self.by.random() < 0.15:
            self._change_something()
        self._send()
        self._look_at_confirmation()

    def _asked_page(self) -> str:
        """Where the form wants them to go on."""
        answer = self._until("start", lambda: self.browser.get(self.service.base))
        if not answer.moved:
            raise Strange(f"the start says {answer.status}")
        return _page_of(answer.location)

    def _fill_in(self, page: str) -> None:
        """Sends the page; where nobody knows what became of it, looks where the form goes on."""
        typed = self.typed.get(page)
        if typed is None:
            raise Strange(f"nobody knows what to type on {page}")
        self.story.open = sent = Page(page, dict(typed.answers), typed.digests)
        while True:
            self._until("page", lambda: self.browser.get(f"{self.service.base}{page}/"))
            answer = self._once("answer", lambda: self._post(page, typed))
            if answer is not None and answer.moved:
                break
            if answer is not None and _NO_ROOM in answer.text:
                self.crowd.refused += 1
            elif answer is not None and answer.status < 500:
                raise Strange(f"{page} says {answer.status}")
            self._wait()
            if self._asked_page() != page:
                break
        self._note(sent)

    def _post(self, page: str, typed: Typed) -> Answer:
        files = {f"q-{name}": upload for name, upload in typed.files.items()}
        return self.browser.post(f"{self.service.base}{page}/", typed.fields, files)

    def _note(self, sent: Page) -> None:
        self.story.acknowledged.append(sent)
        self.story.open = None
        if not self.story.draft:
            name = f"loket-d-{self.service.agency}-{self.service.key}"
            self.story.draft = self.browser.cookies.get(name, "").strip('"').split(":")[1]

    def _change_something(self) -> None:
        """From the page where all answers are checked back to one of them. Sent again until it is taken."""
        page = self.by.choice(self.service.pages)
        typed = self.typed[page] = stories.changed(self.typed[page], self.by)
        self.story.open = sent = Page(page, dict(typed.answers))
        answer = self._until("answer", lambda: self._post(f"{page}", typed))
        if not answer.moved:
            raise Strange(f"{page} changed says {answer.status}")
        self._note(sent)

    def _send(self) -> None:
        check = f"{self.service.base}check/"
        self._until("page", lambda: self.browser.get(check))
        self.story.sending = True
        if self.by.random() < 0.2:
            twin = self.browser.twin()
            second = threading.Thread(target=self._press_again, args=(twin, check), daemon=True)
            second.start()
            self._sent(check)
            second.join()
            return
        self._sent(check)

    def _sent(self, check: str) -> None:
        answer = self._until("send", lambda: self.browser.post(check, {}))
        if not answer.moved or not answer.location.endswith("/done/"):
            raise Strange(f"sending says {answer.status} {answer.location}")
        self.story.sent = True

    def _press_again(self, twin: Browser, check: str) -> None:
        try:
            answer = twin.post(check, {})
            self.crowd.book.answered("second press", answer.status, answer.seconds)
        except NoAnswer as none:
            self.crowd.book.answered("second press", 0, none.seconds)
        finally:
            twin.close()

    def _look_at_confirmation(self) -> None:
        answer = self._until("done", lambda: self.browser.get(f"{self.service.base}done/"))
        if answer.moved and "/pay/" in answer.location:
            self.story.payment = answer.location
            self._pay()
            return
        found = _REFERENCE.search(answer.text)
        if found is None:
            raise Strange(f"the confirmation says {answer.status} and shows no reference")
        self.story.reference = found[1]

    def _pay(self) -> None:
        shown = self._until("pay", lambda: self.browser.get(self.story.payment))
        found = _REFERENCE.search(shown.text)
        self.story.reference = found[1] if found else ""
        if self.by.random() < 0.1:
            return
        doing = self.by.choices(list(_BUTTONS), list(_BUTTONS.values()))[0]
        self._at_the_bank(doing)
        if doing == "decline":
            self._at_the_bank("approve")

    def _at_the_bank(self, doing: str) -> None:
        begun = self._until("pay", lambda: self.browser.post(self.story.payment, {"way": "sandbox"}))
        if not begun.moved or "/sandbox/pay/" not in begun.location:
            raise Strange(f"paying says {begun.status} {begun.location}")
        bank = begun.location
        pressed = Pressed(bank.rstrip("/").rpartition("/")[2], doing)
        self.story.pressed.append(pressed)
        self._until("bank", lambda: self.browser.get(bank))
        led = self._until("bank", lambda: self.browser.post(bank, {"doing": doing}))
        if not led.moved:
            raise Strange(f"the bank says {led.status}")
        pressed.acknowledged = True
        self._until("back", lambda: self.browser.get(led.location))
        self._until("pay", lambda: self.browser.get(self.story.payment))

    def _until(self, what: str, ask: Callable[[], Answer]) -> Answer:
        """Asks until there is an answer that is no fault."""
        while True:
            answer = self._once(what, ask)
            if answer is not None and answer.status < 500:
                return answer
            self._wait()

    def _once(self, what: str, ask: Callable[[], Answer]) -> Answer | None:
        """None where there was no answer at all."""
        if self.crowd.going_home and (self.story.open is None or self.crowd.patience_is_over):
            self._may_leave()
        time.sleep(self.by.uniform(0, 2 * self.crowd.pause))
        try:
            answer = ask()
        except NoAnswer as none:
            self.crowd.book.answered(what, 0, none.seconds)
            return None
        self.crowd.book.answered(what, answer.status, answer.seconds)
        return answer

    def _may_leave(self) -> None:
        """Not while a sent application or a payment is unanswered: that is what they came for."""
        waits = (self.story.sending and not self.story.sent) or any(
            not pressed.acknowledged for pressed in self.story.pressed
        )
        if not waits or self.crowd.patience_is_over:
            raise GoneHome

    def _wait(self) -> None:
        time.sleep(self.by.uniform(*_LOOK_AGAIN))


def _page_of(location: str) -> str:
    return location.partition("?")[0].rstrip("/").rpartition("/")[2]

"""The driver of an overload: far more people arrive than can be served, whatever became of those before.

Run: python -m benchmarks.overloading < order.json    (one order; the answer is JSON on standard output)

Everybody does as a browser does: opens a connection, asks, and where a waiting page comes lets go of it and
asks again after the time that page names, with its ticket. Who was let in thinks between pages and goes on to
the end.
"""

import gc
import heapq
import itertools
import json
import random
import resource
import select
import socket
import sys
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass, field

from benchmarks import visits
from benchmarks.figures import percentile
from benchmarks.wire import Answer, BadAnswer, Browser, Line, Request

# A ticket tells the moment to some milliseconds, but those of one second are let in as they come.
_ABOUT = 1.5
_PROBE_EVERY = 0.25
PART = 5.0
# How long whoever was let in may take to finish once nobody arrives any more.
_GRACE = 25.0


@dataclass(frozen=True, slots=True)
class Order:
    """So many arrive a second, for so long; `think` seconds between pages, on average."""

    port: int
    service: str
    per_second: float
    seconds: float
    think: float
    recovery: float


@dataclass(slots=True)
class Seen:
    """`first_*`: seconds until the first answer of any kind, of those waiting pages alone in `waiting_*`.

    `overtaken`: waiting pages to people who had waited longer than somebody who had already been let in; of
    `told_to_wait` in all. `answers_missing`: waiting pages to somebody who sent answers that don't hold them.
    """

    arrived: int = 0
    let_in: int = 0
    told_to_wait: int = 0
    told_busy: int = 0
    overtaken: int = 0
    answers_sent_back: int = 0
    answers_missing: int = 0
    faults: int = 0
    hung_up: int = 0
    finished: int = 0
    unfinished: int = 0
    # How many finished in each part of the time, of so many seconds, while people arrived.
    finished_by_part: list[int] = field(default_factory=list)
    own_cpu: float = 0.0
    recovered_after: float = -1.0
    first: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)
    waited_before: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    came: float
    browser: Browser
    visit: Generator[Request, Answer, Answer]
    request: Request
    line: Line | None = None
    answered: bool = False
    # When they got their ticket, if they got one.
    told: float = 0.0
    let_in: bool = False
    probe: bool = False


class Crowd:
    def __init__(self, order: Order) -> None:
        self.order, self.seen, self._poll = order, Seen(), select.epoll()
        self._by_line: dict[int, Person] = {}
        self._later: list[tuple[float, int, Person]] = []
        self._count = itertools.count()
        self._first: list[float] = []
        self._waiting: list[float] = []
        self._waits: list[float] = []
        self._finished: list[float] = []
        # The latest ticket with which somebody was let in, and when: (let in at, ticket).
        self._latest_in: list[tuple[float, float]] = []
        self._latest_ticket = 0.0
        self._free: list[float] = []
        self._over = False

    def come(self) -> Seen:
        order, begun = self.order, time.perf_counter()
        ends = begun + order.seconds
        arrival = begun
        while (now := time.perf_counter()) < ends:
            while arrival <= now:
                self._arrive(arrival)
                arrival += random.expovariate(order.per_second)
            self._work(min(arrival, ends))
        for at in self._finished:
            part = int((at - begun) / PART)
            self.seen.finished_by_part += [0] * (part + 1 - len(self.seen.finished_by_part))
            self.seen.finished_by_part[part] += 1
        self._over = True
        self._later = [one for one in self._later if one[2].let_in]
        heapq.heapify(self._later)
        probe = ends
        while ((now := time.perf_counter()) < ends + order.recovery and len(self._free) < 3) or (
            now < ends + _GRACE and self._begun()
        ):
            if now >= probe and len(self._free) < 3:
                self._arrive(now, probe=True)
                probe = now + _PROBE_EVERY
            self._work(now + 0.05)
        self.seen.unfinished = self._begun()
        if len(self._free) >= 3:
            self.seen.recovered_after = self._free[0] - ends
        self.seen.first, self.seen.waiting = _told(self._first), _told(self._waiting)
        self.seen.waited_before = _told(self._waits)
        return self.seen

    def _begun(self) -> int:
        here = [*self._by_line.values(), *(one[2] for one in self._later)]
        return sum(person.let_in and not person.probe for person in here)

    def _arrive(self, at: float, *, probe: bool = False) -> None:
        address, email = visits.person()
        browser = Browser(address, packed=False)
        visit = visits.applying(self.order.service, browser, email)
        person = Person(at, browser, visit, next(visit), probe=probe)
        self.seen.arrived += not probe
        self._ask(person)

    def _ask(self, person: Person) -> None:
        if person.line is None:
            person.line = Line(self.order.port)
            self._by_line[person.line.connection.fileno()] = person
            self._poll.register(person.line.connection.fileno(), select.EPOLLIN)
        person.line.send(person.request)

    def _work(self, until: float) -> None:
        """What is due and what comes in, until then."""
        now = time.perf_counter()
        while self._later and self._later[0][0] <= now:
            self._try(heapq.heappop(self._later)[2])
        wait = min(until, self._later[0][0] if self._later else until) - now
        for number, _ in self._poll.poll(max(0.0, wait)):
            person = self._by_line.get(number)
            if person is None or person.line is None:
                continue
            try:
                answer = person.line.receive()
            except (BadAnswer, OSError):
                self._let_go(person)
                # An idle connection may be closed at any time; asked again on a new one it is answered.
                self.seen.hung_up += 1
                self._try(person)
                continue
            if answer is not None:
                self._answered(person, answer, time.perf_counter())

    def _try(self, person: Person) -> None:
        try:
            self._ask(person)
        except OSError:
            self._let_go(person)
            self.seen.hung_up += 1
            self._soon(person, 1.0)

    def _soon(self, person: Person, seconds: float) -> None:
        heapq.heappush(self._later, (time.perf_counter() + seconds, next(self._count), person))

    def _let_go(self, person: Person) -> None:
        if person.line is not None:
            self._by_line.pop(person.line.connection.fileno(), None)
            person.line.connection.close()
            person.line = None

    def _answered(self, person: Person, answer: Answer, now: float) -> None:
        if not person.answered:
            person.answered = True
            self._first.append(now - person.came)
            if answer.status == 503:
                self._waiting.append(now - person.came)
        if person.probe:
            self._probed(person, answer, now)
        elif answer.status == 503:
            self._told_to_come_again(person, answer, now)
        elif answer.status >= 500:
            self.seen.faults += 1
            self._let_go(person)
        else:
            self._go_on(person, answer, now)

    def _probed(self, person: Person, answer: Answer, now: float) -> None:
        """Recovered is from when on three newcomers after one another were let in at once."""
        self._let_go(person)
        if answer.status < 500:
            self._free.append(now)
        else:
            self._free.clear()

    def _told_to_come_again(self, person: Person, answer: Answer, now: float) -> None:
        self._let_go(person)
        if person.let_in:
            self.seen.told_busy += 1
            if person.request.body:
                self.seen.answers_sent_back += 1
                sent = b"Zuhura" if b"q-given_name" in person.request.body else b"csrfmiddlewaretoken"
                self.seen.answers_missing += sent not in answer.body
        else:
            self.seen.told_to_wait += 1
            if person.told:
                # Not by who was let in just now: they may have asked in the same moment.
                self.seen.overtaken += self._let_in_before(now - _ABOUT) > person.told + _ABOUT
            person.told = person.told or now
            person.browser.keep(answer)
            if self._over:
                return
            person.request = person.browser.get(visits.address_of(self.order.service), "start")
        self._soon(person, float(answer.header(b"retry-after") or 5))

    def _let_in_before(self, moment: float) -> float:
        """The latest ticket of all who were let in by then."""
        return next((ticket for at, ticket in reversed(self._latest_in) if at <= moment), 0.0)

    def _go_on(self, person: Person, answer: Answer, now: float) -> None:
        if not person.let_in:
            person.let_in = True
            self.seen.let_in += 1
            self._waits.append(now - person.came)
            if person.told > self._latest_ticket:
                self._latest_ticket = person.told
                self._latest_in.append((now, person.told))
        person.browser.keep(answer)
        if answer.header(b"connection").lower() == b"close":
            self._let_go(person)
        try:
            person.request = person.visit.send(answer)
        except StopIteration:
            self.seen.finished += 1
            self._finished.append(now)
            self._let_go(person)
            return
        # What a redirect leads to is asked at once; a page is read first.
        thinks = answer.status == 200
        self._soon(person, random.uniform(0.5, 1.5) * self.order.think if thinks else 0.0)


def _told(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {f"p{share}_ms": percentile(ordered, share / 100) * 1000 for share in (50, 95, 99, 100)}


def main() -> int:
    order = Order(**json.load(sys.stdin))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.disable()
    socket.setdefaulttimeout(30)
    seen = Crowd(order).come()
    used = resource.getrusage(resource.RUSAGE_SELF)
    seen.own_cpu = used.ru_utime + used.ru_stime
    json.dump(asdict(seen), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

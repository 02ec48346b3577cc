"""HTTP over kept connections, with as little work of our own as possible: the server shares our processors.

One thread; each visitor is a generator that yields requests and is sent the answers.
"""

import select
import socket
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

_HOST = "127.0.0.1"
_CHUNK = 1 << 18
_REST = 0.5


class BadAnswer(RuntimeError):
    """The server answered what no visitor expects; the message says what."""


class TurnedAway(Exception):
    """The server is too busy and says to come again; raised by a visit, whose visitor then does."""


@dataclass(frozen=True, slots=True)
class Request:
    """`step` says which figures it counts for."""

    step: str
    head: bytes
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """The first header of that name (in lower case), or nothing."""
        lower = self.head.lower()
        at = lower.find(b"\r\n" + name + b":")
        if at < 0:
            return b""
        start = at + len(name) + 3
        end = self.head.find(b"\r\n", start)
        return self.head[start : end if end >= 0 else None].strip()


Visit = Generator[Request, Answer, None]


@dataclass(slots=True)
class Browser:
    """What a person's browser sends along: cookies, what a proxy adds, whether it takes packed pages."""

    address: str
    extra: bytes = b""
    packed: bool = True
    cookies: dict[bytes, bytes] = field(default_factory=dict)

    def get(self, path: str, step: str) -> Request:
        return Request(step, self._head(b"GET", path) + b"\r\n")

    def post(self, path: str, step: str, fields: bytes) -> Request:
        head = self._head(b"POST", path) + (
            b"Origin: https://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % len(fields)
        )
        return Request(step, head, fields)

    def send(self, path: str, step: str, body: bytes) -> Request:
        """JSON, as a program sends it."""
        head = self._head(b"POST", path) + (
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        return Request(step, head, body)

    def keep(self, answer: Answer) -> None:
        """Takes over the cookies that the answer sets."""
        lower, at = answer.head.lower(), 0
        while (at := lower.find(b"\r\nset-cookie:", at)) >= 0:
            start = at + 13
            ends = [end for sign in (b";", b"\r\n") if (end := answer.head.find(sign, start)) >= 0]
            name, _, value = answer.head[start : min(ends, default=None)].strip().partition(b"=")
            self.cookies[name] = value
            at = start

    @property
    def token(self) -> bytes:
        """Against forged forms: the cookie's own value is as good as the one in the page."""
        return self.cookies.get(b"csrftoken", b"")

    def _head(self, method: bytes, path: str) -> bytes:
        sent = b"; ".join(name + b"=" + value for name, value in self.cookies.items())
        return (
            b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: %s\r\n"
            b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
            b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
            b"Accept-Language: en-GB,en;q=0.5\r\n%s%s%s"
            % (
                method,
                path.encode("ascii"),
                self.address.encode("ascii"),
                b"Accept-Encoding: gzip, deflate, br, zstd\r\n" if self.packed else b"",
                b"Cookie: " + sent + b"\r\n" if sent else b"",
                self.extra,
            )
        )


def form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode("ascii")


@dataclass(slots=True)
class Line:
    """One kept connection, and who visits over it now."""

    port: int
    connection: socket.socket = field(init=False)
    visit: Visit | None = None
    request: Request | None = None
    begun: float = 0.0
    sent: float = 0.0
    received: bytes = b""

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self.connection = socket.create_connection((_HOST, self.port), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: Request) -> None:
        self.request, self.received, self.sent = request, b"", time.perf_counter()
        self.connection.sendall(request.head + request.body)

    def receive(self) -> Answer | None:
        """The answer as soon as all of it is here."""
        got = self.connection.recv(_CHUNK)
        if not got:
            raise BadAnswer(f"the server hung up: {self.request}")
        self.received = self.received + got if self.received else got
        return parsed(self.received)


def parsed(received: bytes) -> Answer | None:
    """The answer in these bytes; None while some are missing."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    answer = Answer(int(received[9:12]), received[:end], b"")
    if answer.header(b"transfer-encoding").lower() == b"chunked":
        body = _unchunked(received[end + 4 :])
        return None if body is None else Answer(answer.status, answer.head, body)
    length = int(answer.header(b"content-length") or 0)
    if len(received) - end - 4 < length:
        return None
    return Answer(answer.status, answer.head, received[end + 4 : end + 4 + length])


def _unchunked(sent: bytes) -> bytes | None:
    parts: list[bytes] = []
    at = 0
    while True:
        end = sent.find(b"\r\n", at)
        if end < 0:
            return None
        length = int(sent[at:end].partition(b";")[0], 16)
        if length == 0:
            return b"".join(parts) if sent.endswith(b"\r\n\r\n") else None
        start = end + 2
        if len(sent) < start + length + 2:
            return None
        parts.append(sent[start : start + length])
        at = start + length + 2


@dataclass(slots=True)
class Driven:
    """What happened, in seconds: how long each request took by step of its visit, and each whole visit; when
    each request was answered, counted from the beginning. `turned_away` is how often somebody was."""

    steps: dict[str, list[float]] = field(default_factory=dict)
    visits: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    turned_away: int = 0
    begun: float = 0.0
    ended: float = 0.0

    def note(self, line: Line, now: float) -> None:
        assert line.request is not None
        self.steps.setdefault(line.request.step, []).append(now - line.sent)
        self.answered.append(now - self.begun)


def drive(port: int, at_once: int, seconds: float, visit: Callable[[], Visit]) -> Driven:
    """`at_once` people, each starting anew when done, for `seconds`; whoever is under way then finishes.

    Raises BadAnswer.
    """
    crowd = _Crowd(visit, [Line(port) for _ in range(at_once)])
    return crowd.visit_for(seconds)


class _Crowd:
    def __init__(self, visit: Callable[[], Visit], lines: list[Line]) -> None:
        self._visit, self._poll, self._driven = visit, select.epoll(), Driven()
        self._lines: dict[int, Line] = {}
        # Who was turned away comes again after a while; until then nobody is on their line.
        self._resting: list[tuple[float, Line]] = []
        self._end = 0.0
        for line in lines:
            self._watch(line)

    def visit_for(self, seconds: float) -> Driven:
        driven = self._driven
        try:
            self._visits(seconds)
        finally:
            for line in self._lines.values():
                line.connection.close()
            self._poll.close()
        return driven

    def _visits(self, seconds: float) -> None:
        driven = self._driven
        driven.begun = time.perf_counter()
        self._end = driven.begun + seconds
        for line in list(self._lines.values()):
            self._begin(line)
        while any(line.visit for line in self._lines.values()) or self._resting:
            self._wake_rested()
            # Not for ever: with nobody under way, only those who rest are waited for.
            for number, _ in self._poll.poll(_REST / 4):
                line = self._lines[number]
                answer = line.receive()
                if answer is not None:
                    self._go_on(line, answer)
        driven.ended = time.perf_counter()

    def _go_on(self, line: Line, answer: Answer) -> None:
        now = time.perf_counter()
        if answer.header(b"connection").lower() == b"close":
            self._connect_again(line)
        assert line.visit is not None
        try:
            request = line.visit.send(answer)
            self._driven.note(line, now)
            line.send(request)
        except TurnedAway:
            self._driven.turned_away += 1
            line.visit = None
            self._resting.append((now + _REST, line))
        except StopIteration:
            self._driven.note(line, now)
            self._driven.visits.append(now - line.begun)
            self._begin(line)

    def _begin(self, line: Line) -> None:
        """Somebody new, unless it is too late for that."""
        line.begun = time.perf_counter()
        line.visit = self._visit() if line.begun < self._end else None
        if line.visit is not None:
            line.send(next(line.visit))

    def _wake_rested(self) -> None:
        while self._resting and self._resting[0][0] <= time.perf_counter():
            self._begin(self._resting.pop(0)[1])

    def _watch(self, line: Line) -> None:
        self._lines[line.connection.fileno()] = line
        self._poll.register(line.connection.fileno(), select.EPOLLIN)

    def _connect_again(self, line: Line) -> None:
        del self._lines[line.connection.fileno()]
        self._poll.unregister(line.connection.fileno())
        line.connection.close()
        line.connect()
        self._watch(line)

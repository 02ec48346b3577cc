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


class BadAnswer(RuntimeError):
    """The server answered what no visitor expects; the message says what."""


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
    each request was answered, counted from the beginning."""

    steps: dict[str, list[float]] = field(default_factory=dict)
    visits: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0


def drive(port: int, at_once: int, seconds: float, visit: Callable[[], Visit]) -> Driven:
    """`at_once` people, each starting anew when done, for `seconds`; whoever is under way then finishes.

    Raises BadAnswer.
    """
    driven, poll = Driven(), select.epoll()
    lines = {line.connection.fileno(): line for line in (Line(port) for _ in range(at_once))}
    driven.begun = time.perf_counter()
    end = driven.begun + seconds
    for number, line in lines.items():
        poll.register(number, select.EPOLLIN)
        _begin(line, visit)
    under_way = at_once
    while under_way:
        for number, _ in poll.poll():
            line = lines[number]
            answer = line.receive()
            if answer is None:
                continue
            now = time.perf_counter()
            assert line.request is not None
            assert line.visit is not None
            driven.steps.setdefault(line.request.step, []).append(now - line.sent)
            driven.answered.append(now - driven.begun)
            try:
                line.send(line.visit.send(answer))
            except StopIteration:
                driven.visits.append(now - line.begun)
                if now < end:
                    _begin(line, visit)
                else:
                    under_way -= 1
                    poll.unregister(number)
    driven.ended = time.perf_counter()
    for line in lines.values():
        line.connection.close()
    return driven


def _begin(line: Line, visit: Callable[[], Visit]) -> None:
    line.visit = visit()
    line.begun = time.perf_counter()
    line.send(next(line.visit))

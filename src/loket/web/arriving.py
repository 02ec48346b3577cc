"""Requests whose bodies arrive slowly, in part, or not as they said: read whole before anybody works on them.

The web server hands a request on as soon as its head is there, and reading the rest blocks for as long as the
sender likes; a body that ends early looks to it like one that has ended. So another thread reads, the body is
put away in memory or a file, and whoever sends too slowly is let go: told so, while the reader waits alone.
"""

import io
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import IO, Any, TypeAlias

Environ: TypeAlias = dict[str, Any]
Start: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, Start], Iterable[bytes]]

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Several photographs on one page; what a single file may have is for `files` to say.
MOST = 100 * 2**20
# A phone on a bad connection sends some kilobytes a second; a pause of this long it may always make.
PATIENCE, SLOWEST = 12.0, 2_000
# Readers of one process that may be waiting for somebody who was let go.
MOST_READERS = 200
_IN_MEMORY = 512 * 1024
_PIECE = 16 * 1024
_PROBLEMS = {
    400: "Bad Request",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    503: "Service Unavailable",
}


class Reader:
    """Reads one body. `done` is set when it has ended, well or badly; `gone` tells it to stop."""

    def __init__(self, source: Any, length: int) -> None:
        self._source, self._length = source, length
        self.kept: IO[bytes] = io.BytesIO() if length <= _IN_MEMORY else tempfile.TemporaryFile()  # noqa: SIM115
        self.received = 0
        self.done, self.gone = threading.Event(), False

    @property
    def whole(self) -> bool:
        return self.received == self._length

    def run(self) -> None:
        try:
            while not self.gone and self.received < self._length:
                piece = self._source.read(min(_PIECE, self._length - self.received))
                if not piece:
                    break
                self.kept.write(piece)
                self.received += len(piece)
        except Exception:
            # The connection broke: it is not whole, and nobody is there to be told.
            self.gone = True
        finally:
            if not self.whole:
                self.kept.close()
            self.done.set()


class Readers:
    """Threads that read, at most MOST_READERS in all. None of them keeps a process from ending."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Reader] = SimpleQueue()
        self._lock, self._idle, self._all = threading.Lock(), 0, 0

    def begin(self, reader: Reader) -> bool:
        """False where all of them wait for somebody."""
        with self._lock:
            another = self._idle == 0
            if another and self._all >= MOST_READERS:
                return False
            if another:
                self._all += 1
            else:
                self._idle -= 1
        self._work.put(reader)
        if another:
            threading.Thread(target=self._run, name="body", daemon=True).start()
        return True

    def _run(self) -> None:
        while True:
            self._work.get().run()
            with self._lock:
                self._idle += 1


class Arriving:
    """The application behind it gets bodies that are there, with the length that they said."""

    def __init__(self, application: Application) -> None:
        self._application, self._readers = application, Readers()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") in _WITHOUT_BODY:
            return self._application(environ, start)
        status, length = _expected(environ)
        if status:
            return self._refused(status, environ, start)
        if not length:
            return self._application(environ, start)
        reader = Reader(environ["wsgi.input"], length)
        status = self._read(reader)
        if status:
            return self._refused(status, environ, start)
        reader.kept.seek(0)
        environ["wsgi.input"] = reader.kept
        return _Tidied(self._application(environ, start), reader.kept)

    def _read(self, reader: Reader) -> int:
        """0 where all of it came, else what to answer."""
        if not self._readers.begin(reader):
            return 503
        begun = time.monotonic()
        while not reader.done.wait(_left(reader, begun)):
            if _left(reader, begun) <= 0:
                reader.gone = True
                return 408
        return 0 if reader.whole else 400

    def _refused(self, status: int, environ: Environ, start: Start) -> Iterable[bytes]:
        """Machines get a problem in JSON, people the page that asks to send it again, in their language."""
        if not environ.get("PATH_INFO", "").startswith("/api/") and status in {400, 408}:
            environ["CONTENT_LENGTH"], environ["wsgi.input"] = "1", _Broken()
            return self._application(environ, _closing(start))
        problem = {"type": "about:blank", "title": _PROBLEMS[status], "status": status}
        body = json.dumps(problem).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'"),
        ]
        _closing(start)(f"{status} {_PROBLEMS[status]}", headers)
        return [body]


class _Tidied:
    """An answer, after which what was sent is put away."""

    def __init__(self, answer: Iterable[bytes], kept: IO[bytes]) -> None:
        self._answer, self._kept = answer, kept

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        try:
            getattr(self._answer, "close", _nothing)()
        finally:
            self._kept.close()


def _nothing() -> None:
    """Most answers of others have nothing to close."""


class _Broken:
    """A body that can't be read, as Django knows it."""

    def read(self, size: int = -1) -> bytes:
        raise OSError("the body did not arrive")

    readline = read


def _left(reader: Reader, begun: float) -> float:
    return begun + PATIENCE + reader.received / SLOWEST - time.monotonic()


def _expected(environ: Environ) -> tuple[int, int]:
    """What to refuse it with (0: nothing), and how long it says it is."""
    said = environ.get("CONTENT_LENGTH") or ""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        # Whether the end of a chunked body is its end can't be known from here.
        return (400 if said else 411), 0
    if said and not (said.isascii() and said.isdigit() and len(said) < 16):
        return 400, 0
    length = int(said or 0)
    if length > MOST:
        return 413, 0
    if length and environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        return 415, 0
    if "\0" in environ.get("CONTENT_TYPE", ""):
        return 400, 0
    return 0, length


def _closing(start: Start) -> Start:
    """What is left of the request in this connection is no beginning of another one."""

    def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(status, [*headers, ("Connection", "close")], *rest)

    return started

"""Requests whose bodies arrive slowly, in part, or not as they said: read whole before anybody works on them.

The web server hands a request on as soon as its head is there, and reading the rest blocks for as long as the
sender likes; a body that ends early looks to it like one that has ended. So the body is read first, in memory
or a file, and whoever sends too slowly is told so. It is read by the thread that was given it: granian stands
still when another one does.
"""

import io
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, TypeAlias

Environ: TypeAlias = dict[str, Any]
Start: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, Start], Iterable[bytes]]

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# So much is taken to answer in words about files that are too big; what one may have is for `files` to say.
MOST = 250 * 2**20
# A phone on a bad connection sends some kilobytes a second; a pause of this long it may always make.
PATIENCE, SLOWEST = 12.0, 2_000
_IN_MEMORY = 512 * 1024
_FIRST, _PIECE = 32, 64 * 1024
_PROBLEMS = {
    400: "Bad Request",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
}


class Arriving:
    """The application behind it gets bodies that are there, with the length that they said."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        _in_utf_8(environ)
        if environ.get("REQUEST_METHOD") in _WITHOUT_BODY:
            return self._application(environ, start)
        status, length = _expected(environ)
        if status:
            return self._refused(status, environ, start)
        if not length:
            return self._application(environ, start)
        kept: IO[bytes] = io.BytesIO() if length <= _IN_MEMORY else tempfile.TemporaryFile()  # noqa: SIM115
        status = _read(environ["wsgi.input"], length, kept)
        if status:
            kept.close()
            return self._refused(status, environ, start)
        kept.seek(0)
        environ["wsgi.input"] = kept
        return _Tidied(self._application(environ, start), kept)

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


def _in_utf_8(environ: Environ) -> None:
    """Forgets another character set that a sender names: our pages and programs send UTF-8.

    Django would read the address anew in it, before any code that could refuse one with too many fields.
    """
    said = environ.get("CONTENT_TYPE", "")
    if "charset" in said.lower():
        kind, *parameters = said.split(";")
        kept = [one for one in parameters if one.partition("=")[0].strip().lower() != "charset"]
        environ["CONTENT_TYPE"] = ";".join([kind, *kept])


def _nothing() -> None:
    """Most answers of others have nothing to close."""


class _Broken:
    """A body that can't be read, as Django knows it."""

    def read(self, size: int = -1) -> bytes:
        raise OSError("the body did not arrive")

    readline = read


def _read(source: Any, length: int, kept: IO[bytes]) -> int:
    """0 where all of it came, else what to answer. The pieces grow: a trickle is noticed early."""
    received, begun = 0, time.monotonic()
    try:
        while received < length:
            piece = source.read(min(_FIRST + received // 4, _PIECE, length - received))
            if not piece:
                return 400
            kept.write(piece)
            received += len(piece)
            if received < length and time.monotonic() - begun > PATIENCE + received / SLOWEST:
                return 408
    except OSError:
        # The connection broke.
        return 400
    return 0


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

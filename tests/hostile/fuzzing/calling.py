"""One request to a WSGI application, to the byte, and what came back."""

import io
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TypeAlias

from django.core.signals import got_request_exception
from django.db import transaction

App: TypeAlias = Callable[[dict[str, Any], Any], Iterable[bytes]]
PATIENCE = 10.0


class Hung(BaseException):
    """No answer within PATIENCE. Not an Exception, so that no page can turn it into an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `path` is as a server decodes it: latin-1 characters for bytes, as WSGI has them."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    address: str = "192.0.2.1"
    # None: as long as the body is; empty: no such header.
    length: str | None = None

    def line(self) -> str:
        """Enough to send it again."""
        shown = self.body if len(self.body) < 2000 else self.body[:2000] + b"..."
        return (
            f"{self.method} {self.path[:500]!r} ?{self.query[:500]!r} {self.headers!r} "
            f"length={self.length!r} body={shown!r} ({len(self.body)} bytes)"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    trouble: str = ""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def cookies(self) -> Iterator[str]:
        return (value for key, value in self.headers if key.lower() == "set-cookie")

    @property
    def html(self) -> bool:
        return self.header("Content-Type").startswith("text/html")


@dataclass(slots=True)
class _Told:
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    faults: list[str] = field(default_factory=list)


def send(app: App, call: Call) -> Answer:
    """Never raises: a fault of the application, or none in time, is in `trouble`."""
    told, begun = _Told(), time.monotonic()

    def start(status: str, headers: list[tuple[str, str]], *_error: object) -> Callable[[bytes], object]:
        told.status, told.headers = int(status.split(" ", 1)[0]), tuple(headers)
        return lambda _more: None

    def heard(sender: object, **_more: object) -> None:
        told.faults.append(traceback.format_exc(limit=-6))

    got_request_exception.connect(heard)
    body, trouble = b"", ""
    try:
        with _in_time():
            parts = app(_environ(call), start)
            try:
                body = b"".join(parts)
            finally:
                getattr(parts, "close", lambda: None)()
    except Hung:
        trouble = f"no answer within {PATIENCE:g} s"
    except Exception:
        trouble = traceback.format_exc(limit=-6)
    finally:
        got_request_exception.disconnect(heard)
    return Answer(
        told.status, told.headers, body, time.monotonic() - begun, trouble or "\n".join(told.faults)
    )


class _Over(Exception):
    """Ends what is rolled back."""


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is sent within leaves nothing behind; to the application it looks as if it were alone."""
    try:
        with ExitStack() as stack:
            for alias in ("default", "keys"):
                around = transaction.atomic(using=alias)
                # As Django's own TestCase says it: what has to be durable is so within a test.
                around._from_testcase = True  # type: ignore[attr-defined]
                stack.enter_context(around)
            yield
            raise _Over
    except _Over:
        return


@contextmanager
def _in_time() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _environ(call: Call) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": call.path,
        "QUERY_STRING": call.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": call.address,
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    length = str(len(call.body)) if call.length is None else call.length
    if length:
        environ["CONTENT_LENGTH"] = length
    for name, value in call.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ

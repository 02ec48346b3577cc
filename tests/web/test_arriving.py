"""Bodies that arrive slowly, in part, or not as they said."""

import io
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.wsgi import WSGIHandler

from loket.web import arriving
from loket.web.arriving import Arriving


class Line:
    """What a sender sends: pieces, with pauses between."""

    def __init__(self, *pieces: bytes, pause: float = 0.0, breaks: bool = False) -> None:
        self._pieces, self._pause, self._breaks = list(pieces), pause, breaks

    def read(self, size: int = -1) -> bytes:
        time.sleep(self._pause)
        if not self._pieces and self._breaks:
            raise OSError("connection reset")
        return self._pieces.pop(0) if self._pieces else b""


def called(source: Any, length: str | None = None, **more: str) -> tuple[str, dict[str, str], bytes]:
    """What an application that gives back what it was sent answers."""

    def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
        try:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        except OSError:
            start("403 Forbidden", [])
            return [b"please send it again"]
        start("200 OK", [])
        return [body]

    told: list[Any] = []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/en/", "wsgi.input": source, **more}
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    answer = Arriving(echo)(environ, lambda *given: told.append(given))
    body = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    return told[0][0], dict(told[0][1]), body


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "PATIENCE", 0.3)


def test_a_body_comes_whole() -> None:
    assert called(io.BytesIO(b"a=1"), "3") == ("200 OK", {}, b"a=1")
    assert called(Line(b"a", b"=", b"1", pause=0.05), "3")[2] == b"a=1"
    big = bytes(range(256)) * 8_000
    assert called(io.BytesIO(big), str(len(big)))[2] == big
    assert called(io.BytesIO(b"more than was said"), "4")[2] == b"more"
    assert called(io.BytesIO(b""), "")[0] == "200 OK"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (Line(b"a", b"b", b"c", b"d", b"e", b"f", pause=0.1), 408),
        (Line(b"ab"), 400),
        (Line(b"ab", breaks=True), 400),
    ],
)
def test_one_that_does_not_come_is_asked_for_again(source: Line, status: int) -> None:
    begun = time.monotonic()
    told = called(source, "9")
    assert (told[0], told[1].get("Connection")) == ("403 Forbidden", "close")
    assert time.monotonic() - begun < 2
    machine = called(Line(b"ab"), "9", PATH_INFO="/api/v1/x")
    assert machine[0] == "400 Bad Request"
    assert machine[1]["Content-Type"] == "application/problem+json"


def test_who_sends_steadily_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "SLOWEST", 10)
    assert called(Line(*[b"ab"] * 8, pause=0.1), "16")[0] == "200 OK"


@pytest.mark.parametrize(
    ("length", "more", "status"),
    [
        ("x", {"PATH_INFO": "/api/"}, 400),
        ("-1", {"PATH_INFO": "/api/"}, 400),
        ("1" * 30, {"PATH_INFO": "/api/"}, 400),
        (str(arriving.MOST + 1), {}, 413),
        ("3", {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        (None, {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ("3", {"HTTP_TRANSFER_ENCODING": "chunked", "PATH_INFO": "/api/"}, 400),
    ],
)
def test_what_can_t_be_read_is_refused_unread(length: str | None, more: dict[str, str], status: int) -> None:
    class Untouched:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("it was read")

    assert called(Untouched(), length, **more)[0].startswith(str(status))


@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_fields_in_another_character_set_are_refused_and_no_fault(method: str) -> None:
    """Django reads the address anew for the character set, where nothing could catch that it has too many."""
    told: list[Any] = []
    many = "&".join(f"x{number}=1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": "/live", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "QUERY_STRING": many, "wsgi.input": io.BytesIO(b"a=1"),
        "CONTENT_TYPE": "application/x-www-form-urlencoded; CharSet=utf-16", "CONTENT_LENGTH": "3",
    }  # fmt: skip
    with pytest.raises(TooManyFieldsSent):
        WSGIHandler()(dict(environ), lambda *given: told.append(given))
    Arriving(WSGIHandler())(environ, lambda *given: told.append(given))
    assert told[0][0][:3] in {"200", "400", "405"}
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"

"""The door before the application: who is let through, what the others are told, and what they keep."""

import io
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from loket.web.crowd import door as doors
from loket.web.crowd import page, tickets
from loket.web.crowd.board import Board
from loket.web.crowd.door import Door, carried, kind_of
from loket.web.crowd.gate import Gate
from loket.web.crowd.line import TERMS, Kind, Line
from loket.web.crowd.page import Why, waiting

CSRF = "csrftoken=abc"
_TICKET = r"loket-place=\d+\.[0-9a-f]{24}; Path=/; HttpOnly; SameSite=Lax(; Secure)?"
_WAITING = {
    "en": "You have a place in the queue",
    "id": "Anda sudah mendapat tempat dalam antrean",
    "sw": "Una nafasi yako kwenye foleni",
}


class Slow:
    """An application whose requests last until they are let go."""

    def __init__(self) -> None:
        self.go, self.seen, self.at_once, self.most = threading.Event(), 0, 0, 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.go.wait(20)
        self.at_once -= 1
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"served"]


class Full(Line[Any]):
    """A line that nobody may join any more."""

    def has_room(self, kind: Kind) -> bool:
        return False


@pytest.fixture
def slow() -> Iterator[Slow]:
    application = Slow()
    yield application
    application.go.set()


def ask(
    door: Door, path: str = "/en/", method: str = "GET", cookies: str = "", body: bytes = b"", **more: str
) -> Any:
    environ = {
        "PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_COOKIE": cookies, "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "SERVER_NAME": "x", "SERVER_PORT": "80",
    }  # fmt: skip
    told: list[Any] = []
    text = b"".join(door(environ, lambda status, headers, *rest: told.extend([int(status[:3]), headers])))
    return told[0], dict(told[1]), text.decode(), told[1]


def filled(slow: Slow, kind_path: str = "/en/", cookies: str = "") -> tuple[Door, list[threading.Thread]]:
    """A door at which so many wait that a newcomer finds no room."""
    door = Door(slow, Board(None))
    # Nothing is stuck in these tests: all wait for the first.
    threads = [
        threading.Thread(target=ask, args=(door, kind_path), kwargs={"cookies": cookies}, daemon=True)
        for _ in range(TERMS[Kind.NEWCOMER].most + 6)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 10
    while len(door._gate.line) < TERMS[Kind.NEWCOMER].most and time.monotonic() < end:
        time.sleep(0.01)
    return door, threads


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_a_newcomer_in_a_crowd_gets_a_place_in_their_language(slow: Slow, language: str) -> None:
    door, _ = filled(slow, "/en/pay/x/")
    status, headers, text, _all = ask(door, f"/{language}/")
    assert status == 503
    assert _WAITING[language] in text
    assert f'<html lang="{language}"' in text
    assert 4 <= int(headers["Retry-After"]) <= 80
    assert headers["Refresh"] == headers["Retry-After"]
    assert headers["Cache-Control"] == "no-store"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert len(text) < 3_000
    assert re.fullmatch(
        r"loket-place=\d+\.[0-9a-f]{24}; Path=/; HttpOnly; SameSite=Lax(; Secure)?", headers["Set-Cookie"]
    )


def test_the_place_is_kept_and_once_let_in_nobody_waits_again(slow: Slow) -> None:
    door, threads = filled(slow, "/en/pay/x/")
    _, headers, _, _ = ask(door)
    ticket = headers["Set-Cookie"].partition(";")[0]
    status, headers, _, _ = ask(door, cookies=ticket)
    assert status == 503
    assert headers["Set-Cookie"].startswith(ticket)
    slow.go.set()
    for thread in threads:
        thread.join()
    with door._board.held() as room:
        for _ in range(3):
            room.tick(time.time() + 5)
        room._head[1] = tickets.read(ticket)[tickets.PLACE]
        # Open, and nobody more is let in for a while, however slow this machine.
        room._head[0], room._head[3] = 1.0, time.time() + 60
    status, _, text, every = ask(door, cookies=ticket)
    assert (status, text) == (200, "served")
    cookies = [value for name, value in every if name == "Set-Cookie"]
    assert any(value.startswith("loket-turn=") for value in cookies)
    assert any(value.startswith("loket-place=;") for value in cookies)
    turn = next(value.partition(";")[0] for value in cookies if value.startswith("loket-turn="))
    assert ask(door, cookies=turn)[0] == 200
    assert ask(door)[0] == 503, "another newcomer comes after those who wait"


def test_whoever_is_in_the_middle_comes_in_while_newcomers_wait(slow: Slow) -> None:
    door, threads = filled(slow, "/en/pay/x/")
    assert ask(door)[0] == 503
    slow.go.set()
    for thread in threads:
        thread.join()
    with door._board.held() as room:
        room.open(time.time(), 4.0)
    assert ask(door)[0] == 503
    for path, cookies in (("/en/", "loket-d-a-b=x"), ("/en/track/case/", "loket-case=x"), ("/en/pay/x/", "")):
        assert ask(door, path, cookies=cookies)[0] == 200
    assert ask(door, "/en/apply/a/b/page/", "POST", CSRF)[0] == 200
    assert ask(door, "/en/desk/")[0] == 200
    assert ask(door, "/api/v1/callbacks/stripe/", "POST")[0] == 200
    assert ask(door, "/static/x.css")[0] == 200


def test_what_was_typed_is_carried_on_whatever_is_in_it(slow: Slow) -> None:
    door = Door(slow, Board(None))
    door._gate.line = Full()
    held = door._gate.enter_if_free()
    assert held
    typed = [
        ("csrfmiddlewaretoken", "T0k"),
        ("q-name", '"><script>alert(1)</script>'),
        ("q-name", "ä\n&amp;"),
    ]
    status, headers, text, _ = ask(door, "/sw/apply/a/b/name/", "POST", CSRF, urlencode(typed).encode())
    assert status == 503
    assert "Refresh" not in headers
    assert "Tuma tena" in text
    assert "<script>" not in text
    assert '<form method="post">' in text
    shown = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    assert shown == [
        ("csrfmiddlewaretoken", "T0k"),
        ("q-name", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("q-name", "ä\n&amp;amp;"),
    ]
    door._gate.leave(held)


def test_what_another_site_sends_or_what_is_too_large_is_not_carried() -> None:
    body = urlencode({"q-a": "b"}).encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/en/", "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)), "SERVER_NAME": "x", "SERVER_PORT": "80",
    }  # fmt: skip
    assert carried(environ | {"wsgi.input": io.BytesIO(body)}) == ([("q-a", "b")], False)
    assert carried(environ | {"wsgi.input": io.BytesIO(body), "HTTP_SEC_FETCH_SITE": "cross-site"}) == (
        [],
        False,
    )
    assert carried(environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": "99999999"}) == ([], False)
    large = urlencode({"q-a": "b" * 300_000}).encode()
    assert carried(environ | {"wsgi.input": io.BytesIO(large), "CONTENT_LENGTH": str(len(large))}) == (
        [],
        False,
    )


def test_files_are_left_out_and_it_is_said() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="q-x"\r\n\r\nkept\r\n'
        b'--b\r\nContent-Disposition: form-data; name="q-f"; filename="a.pdf"\r\n\r\n%PDF-1.7\r\n--b--\r\n'
    )
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/en/", "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "CONTENT_LENGTH": str(len(body)), "SERVER_NAME": "x", "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    assert carried(environ) == ([("q-x", "kept")], True)
    page = waiting("en", Why.SENT, 5, [("q-x", "kept")], files=True).decode()
    assert "Only the files have to be chosen again" in page


def test_machines_are_told_as_a_problem(slow: Slow) -> None:
    door = Door(slow, Board(None))
    door._gate.line = Full()
    held = door._gate.enter_if_free()
    assert held
    status, headers, text, _ = ask(door, "/api/v1/services/")
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert '"status": 503' in text
    assert int(headers["Retry-After"]) > 0
    slow.go.set()
    assert ask(door, "/live")[0] == 200
    door._gate.leave(held)


def test_tickets_can_t_be_made_up() -> None:
    value = tickets.written(tickets.PLACE, 1_800_000_000.0)
    assert tickets.read(f"a=b; loket-place={value}") == {"loket-place": 1_800_000_000.0}
    assert tickets.read(f"loket-turn={value}") == {}
    assert tickets.read(f"loket-place={value.replace('18', '17', 1)}") == {}
    assert tickets.read("loket-place=1.aaaaaaaaaaaaaaaaaaaaaaaa") == {}


def test_a_pass_runs_out() -> None:
    now = time.time()
    held = {tickets.PASS: now - tickets.PASS_SECONDS + 5}
    assert kind_of("/en/", "GET", "", held, now) is Kind.MIDDLE
    assert kind_of("/en/", "GET", "", held, now + 10) is Kind.NEWCOMER
    assert kind_of("/en/", "GET", "", {tickets.PASS: now + 999}, now) is Kind.NEWCOMER


def test_one_works_at_a_time_and_one_that_hangs_holds_up_nobody() -> None:
    gate, order, most, now_working = Gate.new(), [], [0], [0]

    def work(name: str, seconds: float) -> None:
        number = gate.enter(Kind.MIDDLE)
        assert number is not None
        now_working[0] += 1
        most[0] = max(most[0], now_working[0])
        time.sleep(seconds)
        order.append(name)
        now_working[0] -= 1
        gate.leave(number)

    quick = [threading.Thread(target=work, args=(str(number), 0.002)) for number in range(20)]
    for thread in quick:
        thread.start()
    for thread in quick:
        thread.join(10)
    assert len(order) == 20
    assert most[0] == 1
    hanging = threading.Thread(target=work, args=("hanging", 2.0))
    hanging.start()
    time.sleep(0.05)
    began = time.monotonic()
    work("other", 0)
    assert time.monotonic() - began < 1.5
    assert order[-1] == "other"
    hanging.join(10)
    assert not gate.busy


def test_without_a_crowd_the_door_costs_next_to_nothing() -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        return [b""]

    door, environ = Door(application, Board(None)), {"PATH_INFO": "/en/"}
    begun = time.process_time()
    for _ in range(10_000):
        door(environ, print)
    assert (time.process_time() - begun) / 10_000 < 50e-6


@pytest.mark.parametrize(
    ("seconds", "says"), [(5, "less than a minute"), (100, "2 minutes"), (9_999, "more than an hour")]
)
def test_the_wait_is_said_in_words(seconds: float, says: str) -> None:
    assert says in waiting("en", Why.PLACE, seconds).decode()


def test_whoever_waits_sees_whose_page_it_is(settings: Settings) -> None:
    settings.PLACE_NAME = {"en": "Tumaini County", "sw": "Kaunti ya <Tumaini>"}
    page._page.cache_clear()
    assert "<header><p>Loket · Tumaini County</p></header>" in waiting("en", Why.BUSY, 5).decode()
    assert "<p>Loket · Kaunti ya &lt;Tumaini&gt;</p>" in waiting("sw", Why.BUSY, 5).decode()
    page._page.cache_clear()


def test_whoever_lost_something_is_not_led_away_from_it() -> None:
    offers = {why: waiting("en", why, 5, [("q", "x")] if why is Why.SENT else ()).decode() for why in Why}
    assert [why for why in Why if "Look again now" in offers[why]] == [Why.PLACE, Why.BUSY]
    assert [why for why in Why if "Send again" in offers[why]] == [Why.SENT]


def test_every_language_says_everything_of_its_own() -> None:
    for why in Why:
        pages = {waiting(code, why, 100).split(b"<main>")[1] for code in ("en", "id", "sw")}
        assert len(pages) == 3
    assert doors.language_of({"PATH_INFO": "/", "HTTP_ACCEPT_LANGUAGE": "sw-KE,en;q=0.5"}) == "sw"

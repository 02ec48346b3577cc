"""The crowd's door around the whole application (WSGI): who goes in, who waits, who is told to come again."""

import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from loket.web.crowd import tickets
from loket.web.crowd.board import Board
from loket.web.crowd.gate import Gate
from loket.web.crowd.line import Kind
from loket.web.crowd.page import PAGE_HEADERS, Why, waiting
from loket.web.crowd.room import Place

Environ: TypeAlias = dict[str, Any]
Start: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, Start], Iterable[bytes]]

_UNGUARDED = frozenset({"/live", "/alive", "/ready"})
_PARTS = ("/static/", "/theme/")
_CALLBACKS = ("/api/v1/callbacks/", "/api/v1/receipts/")
_STAFF = re.compile(r"/[a-z]{2}/(desk|account)/")
_PAYING = re.compile(r"/[a-z]{2}/(pay|sandbox)/")
# What somebody holds who has begun: a draft, a case that is open before them.
_BEGUN = re.compile(r"(?:^|;\s*)loket-(?:d-|case=)")
_WITH_FORM = re.compile(r"(?:^|;\s*)csrftoken=")
# The page carries no more than that; a body above it is not even read.
_MOST_CARRIED, _MOST_READ = 200_000, 2_000_000
_SOON, _SOONEST_PLACE, _LATEST_PLACE = 5, 5, 60
# About as many requests as somebody makes who was let in.
_A_JOURNEY = 10
_TELL_EVERY = 0.2


class Door:
    """The application behind it is called by one thread at a time, as long as none of them hangs."""

    def __init__(self, application: Application, board: Board) -> None:
        self._application, self._board = application, board
        self._gate = Gate.new()
        self._told = 0.0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not self._board.room.active:
            number = self._gate.enter_if_free()
            if number is not None:
                return self._answered(number, environ, start)
        elif time.monotonic() - self._told > _TELL_EVERY:
            self._look_around()
        return self._in_a_crowd(environ, start)

    def _answered(self, number: int, environ: Environ, start: Start) -> Iterable[bytes]:
        """The bodies of our pages are whole when they are returned; what streams does so without its turn."""
        try:
            return self._application(environ, start)
        finally:
            self._gate.leave(number)

    def _in_a_crowd(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path, cookies = environ.get("PATH_INFO", ""), environ.get("HTTP_COOKIE", "")
        if path in _UNGUARDED:
            return self._application(environ, start)
        held = tickets.read(cookies) if "loket-" in cookies else {}
        kind = kind_of(path, environ.get("REQUEST_METHOD", ""), cookies, held, time.time())
        let_in: list[tuple[str, str]] = []
        if kind is Kind.NEWCOMER and self._board.room.active:
            with self._board.held() as room:
                place = room.ask(held.get(tickets.PLACE), time.time())
            if place is not None:
                return _told_to_wait(environ, start, place)
            let_in = _as_pass(time.time())
        number = self._gate.enter(kind)
        if number is None:
            return self._turned_away(kind, held, environ, start)
        if not let_in:
            return self._answered(number, environ, start)

        def start_with_pass(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [*headers, *let_in], *rest)

        return self._answered(number, environ, start_with_pass)

    def _turned_away(
        self, kind: Kind, held: dict[str, float], environ: Environ, start: Start
    ) -> Iterable[bytes]:
        if kind is Kind.NEWCOMER:
            now = time.time()
            with self._board.held() as room:
                room.open(now, self._capacity)
                room.tell(os.getpid(), self._gate.waited, self._capacity, now)
                place = room.ask(held.get(tickets.PLACE), now)
            # Let in, and there is no room after all: they keep the place that they have.
            kept = place or Place(min(held.get(tickets.PLACE, now), now), 0, 0.0)
            return _told_to_wait(environ, start, kept)
        if kind in {Kind.MACHINE, Kind.CALLBACK}:
            return _told_as_problem(start)
        if kind is Kind.PART:
            return _sent(start, _headers("text/plain", _SOON), b"")
        return _told_busy(environ, start)

    def _look_around(self) -> None:
        """While people wait: this worker's word to the others, and the next of them let in."""
        self._told, now = time.monotonic(), time.time()
        with self._board.held() as room:
            room.tell(os.getpid(), self._gate.pressure(), self._capacity, now)
            room.tick(now)

    @property
    def _capacity(self) -> float:
        """People a second, roughly: as many as this worker could serve if it did nothing else."""
        return 1 / (_A_JOURNEY * self._gate.service)


def kind_of(path: str, method: str, cookies: str, held: dict[str, float], now: float) -> Kind:
    """Whose request it is, by what is known before anything is asked. Our cookies are a sign, no proof."""
    if path.startswith(_PARTS):
        return Kind.PART
    if path.startswith("/api/"):
        return Kind.CALLBACK if path.startswith(_CALLBACKS) else Kind.MACHINE
    if _STAFF.match(path):
        return Kind.STAFF
    passed = 0 <= now - held.get(tickets.PASS, 0.0) < tickets.PASS_SECONDS
    sends = method == "POST" and _WITH_FORM.search(cookies)
    if passed or sends or _BEGUN.search(cookies) or _PAYING.match(path):
        return Kind.MIDDLE
    return Kind.NEWCOMER


def _as_pass(now: float) -> list[tuple[str, str]]:
    return [
        ("Set-Cookie", tickets.set_cookie(tickets.PASS, tickets.written(tickets.PASS, now))),
        ("Set-Cookie", tickets.set_cookie(tickets.PLACE, "")),
    ]


def _told_to_wait(environ: Environ, start: Start, place: Place) -> Iterable[bytes]:
    # Each at a moment of their own: who was told together must not come back together.
    after = random.uniform(0.8, 1.2) * min(max(place.seconds / 2, _SOONEST_PLACE), _LATEST_PLACE)  # noqa: S311
    ticket = tickets.set_cookie(tickets.PLACE, tickets.written(tickets.PLACE, place.arrived))
    headers = [*_headers("text/html; charset=utf-8", round(after), again=True), ("Set-Cookie", ticket)]
    return _sent(start, headers, waiting(language_of(environ), Why.PLACE, place.seconds))


def _told_busy(environ: Environ, start: Start) -> Iterable[bytes]:
    after = round(random.uniform(1, 2) * _SOON)  # noqa: S311
    if environ.get("REQUEST_METHOD") != "POST":
        headers = _headers("text/html; charset=utf-8", after, again=True)
        return _sent(start, headers, waiting(language_of(environ), Why.BUSY, after))
    fields, files = carried(environ)
    page = waiting(language_of(environ), Why.SENT if fields else Why.LOST, after, fields, files=files)
    return _sent(start, _headers("text/html; charset=utf-8", after), page)


def _told_as_problem(start: Start) -> Iterable[bytes]:
    after = round(random.uniform(1, 2) * _SOON)  # noqa: S311
    problem = {
        "type": "about:blank",
        "title": "Too many requests at the moment",
        "status": 503,
        "code": "busy",
    }
    return _sent(start, _headers("application/problem+json", after), json.dumps(problem).encode())


def carried(environ: Environ) -> tuple[list[tuple[str, str]], bool]:
    """The fields that were sent, and whether there were files; none where it is more than a page can carry.

    Not for what another site sent: whoever presses the button is to send on only what they typed here.
    """
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in {"same-origin", "none"}:
        return [], False
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > _MOST_READ:
        return [], False
    request = WSGIRequest(environ)
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = bool(request.FILES)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError, OSError):
        return [], False
    if sum(len(name) + len(value) for name, value in fields) > _MOST_CARRIED:
        return [], False
    return fields, files


def language_of(environ: Environ) -> str:
    """The address's, otherwise the first of the browser's that we speak."""
    known = [code for code, _name in settings.LANGUAGES]
    first = environ.get("PATH_INFO", "")[1:3]
    wished = [first, *(part.strip()[:2] for part in environ.get("HTTP_ACCEPT_LANGUAGE", "").split(","))]
    return next((code for code in wished if code in known), known[0])


def _headers(kind: str, after: int, *, again: bool = False) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        ("Retry-After", str(after)),
        *PAGE_HEADERS,
    ]
    return [*headers, ("Refresh", str(after))] if again else headers


def _sent(start: Start, headers: list[tuple[str, str]], body: bytes) -> Iterable[bytes]:
    start("503 Service Unavailable", [*headers, ("Content-Length", str(len(body)))])
    return [body]

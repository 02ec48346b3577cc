"""Pages that are the same for everybody but for some places: rendered once, then filled in.

A page is kept in pieces, split where the token of its forms stands and where its view left a `hole`. What a
page depends on is its key; nothing that anybody typed may be in it but in holes.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, get_token
from django.utils.safestring import SafeString, mark_safe
from markupsafe import Markup, escape

from loket.kernel.remembering import Remembered
from loket.web.maintenance import notice
from loket.web.packing import Pieces

# About 10 kB each, and 3 packed.
_MOST = 1024
# Those that change by themselves: old ones are of no use.
_MOST_PASSING = 64
# Drawn anew by each process, so that no text of a pack can hold it.
_STAND_IN = secrets.token_hex(32)
_HOLE = re.compile(rf"{_STAND_IN}\.([a-z]+)\.")
_TOKEN = "token"  # noqa: S105 - the name of a hole
_LETTERS = CSRF_ALLOWED_CHARS
_MANY = len(_LETTERS)
_PLACES = {letter: place for place, letter in enumerate(_LETTERS)}
_FIELD = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
_pages: Remembered[Hashable, Pieces] = Remembered(_MOST)
_passing: Remembered[Hashable, Pieces] = Remembered(_MOST_PASSING)


class Same:
    """In a key: this object and no other, however equal. For what is remembered and replaced as a whole."""

    __slots__ = ("_it",)

    def __init__(self, it: object) -> None:
        self._it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._it is self._it

    def __hash__(self) -> int:
        return id(self._it)


class Filled(HttpResponse):
    """A kept page with its holes filled; `packed` without compressing again what was kept."""

    def __init__(self, pieces: Pieces, fills: Mapping[str, bytes]) -> None:
        super().__init__(pieces.plain(fills))
        self._pieces, self._fills = pieces, fills

    def packed(self, accepted: str) -> tuple[str, bytes] | None:
        """The coding and the body in it; None where none of ours is accepted."""
        return self._pieces.packed(self._fills, self.content, accepted)


class _Field:
    """The hidden field of a form. Django's own draws a mask for each form of a page; here they share one."""

    __slots__ = ("_request",)

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __html__(self) -> SafeString:
        return mark_safe(_FIELD.format(_token(self._request)))  # noqa: S308 - letters and digits

    __str__ = __html__


def form_token(request: HttpRequest) -> Mapping[str, Any]:
    """Context processor: `csrf_input`, in place of Django's."""
    return {"csrf_input": _Field(request)}


def hole(name: str) -> Markup:
    """What stands in a kept page until `name` is filled in. The name has small letters only."""
    return Markup(f"{_STAND_IN}.{name}.")  # noqa: S704 - letters and digits


def kept(
    request: HttpRequest,
    key: Hashable,
    render: Callable[[], HttpResponse],
    fills: Mapping[str, str] | None = None,
    *,
    passing: bool = False,
) -> HttpResponse:
    """The page of `key`. `render` makes it where it isn't known yet: status 200, no headers of its own.

    `fills` is for its holes; what isn't Markup is escaped. `passing` for what changes by itself. A browser
    that waits for a message to be shown gets a page of its own.
    """
    filled = {name: escape(value).encode() for name, value in (fills or {}).items()}
    if request.COOKIES.get("messages") or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return Filled(_pieces(request, render), {**filled, _TOKEN: _token(request).encode()})
    pages = _passing if passing else _pages
    pieces = pages.get((key, notice()), lambda: _pieces(request, render))
    if _TOKEN in pieces.holes:
        filled[_TOKEN] = _token(request).encode()
    return Filled(pieces, filled)


def forget() -> None:
    """Makes this process render anew."""
    _pages.forget()
    _passing.forget()


def _pieces(request: HttpRequest, render: Callable[[], HttpResponse]) -> Pieces:
    given = getattr(request, "loket_form_token", None)
    request.loket_form_token = str(hole(_TOKEN))  # type: ignore[attr-defined]
    try:
        page = render().content.decode()
    finally:
        request.loket_form_token = given  # type: ignore[attr-defined]
    return Pieces(_HOLE.split(page))


def _token(request: HttpRequest) -> str:
    found: str | None = getattr(request, "loket_form_token", None)
    if found is None:
        found = _masked(request)
        request.loket_form_token = found  # type: ignore[attr-defined]
    return found


def _masked(request: HttpRequest) -> str:
    """What Django's `get_token` gives, with the mask drawn at once and not letter by letter."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    mask = _drawn(len(secret))
    cipher = "".join(
        _LETTERS[(_PLACES[sign] + shift) % _MANY] for sign, shift in zip(secret, mask, strict=True)
    )
    return "".join(_LETTERS[place] for place in mask) + cipher


def _drawn(count: int) -> list[int]:
    """So many places of letters, each as likely as any other."""
    places: list[int] = []
    while len(places) < count:
        places += [byte % _MANY for byte in secrets.token_bytes(2 * count) if byte < 256 - 256 % _MANY]
    return places[:count]

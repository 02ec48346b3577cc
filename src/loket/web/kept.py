"""Pages that are the same for everybody but for the token in their forms: rendered once, then filled in.

A page is kept in pieces, split where the token stands. What a page depends on is its key; nothing that
anybody typed may be in it.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, get_token
from django.utils.safestring import SafeString, mark_safe

from loket.kernel.remembering import Remembered

# About 10 kB each.
_MOST = 1024
# Drawn anew by each process, so that no text of a pack can hold it.
_STAND_IN = secrets.token_hex(32)
_LETTERS = CSRF_ALLOWED_CHARS
_MANY = len(_LETTERS)
_PLACES = {letter: place for place, letter in enumerate(_LETTERS)}
_FIELD = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
_pages: Remembered[Hashable, tuple[bytes, ...]] = Remembered(_MOST)


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


def kept(request: HttpRequest, key: Hashable, render: Callable[[], HttpResponse]) -> HttpResponse:
    """The page of `key`. `render` makes it where it isn't known yet: status 200, no headers of its own.

    A browser that waits for a message to be shown gets a page of its own.
    """
    if "messages" in request.COOKIES or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return render()
    pieces = _pages.get(key, lambda: _pieces(request, render))
    return HttpResponse(_token(request).encode().join(pieces))


def forget() -> None:
    """Makes this process render anew."""
    _pages.forget()


def _pieces(request: HttpRequest, render: Callable[[], HttpResponse]) -> tuple[bytes, ...]:
    given = getattr(request, "loket_form_token", None)
    request.loket_form_token = _STAND_IN  # type: ignore[attr-defined]
    try:
        return tuple(render().content.split(_STAND_IN.encode()))
    finally:
        request.loket_form_token = given  # type: ignore[attr-defined]


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

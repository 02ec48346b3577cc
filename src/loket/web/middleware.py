"""What happens around every request: security headers, compression, language, and a database that is away."""

import gzip
from collections.abc import Callable
from typing import TypeAlias

import brotli
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import is_valid_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_path, get_language_from_request

from loket.files.types import DiskFull
from loket.web import errors
from loket.web.access import Staff, rule_of_request
from loket.web.kept import Filled
from loket.web.policy import HEADERS, STRICT_TRANSPORT

Next: TypeAlias = Callable[[HttpRequest], HttpResponseBase]

# Below this a compressed page is no smaller by a packet.
_WORTH_COMPRESSING = 900
_TEXTUAL = ("text/", "application/json", "image/svg+xml", "application/javascript")
# Measured on a 15 kB page: 4 costs 0.2 ms and is within a few per cent of the best.
_BROTLI_QUALITY = 4
# Larger ones, made anew for each page, cost more than they save.
_BROTLI_WINDOW = 16
# Nothing was kept and nothing lost: the same request works when the trouble is over.
_PASSES = (OperationalError, InterfaceError, DiskFull)


class SecurityHeaders:
    """Sets the headers on every response, static files included. A view may set a stricter one itself."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.cookies and "public" in response.headers.get("Cache-Control", ""):
            # Whatever set a cookie on the way out made the page one person's.
            response.headers["Cache-Control"] = "no-store, private"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        return response


class CompressedPages:
    """Compresses pages for citizens; leaves staff pages alone.

    Compression can betray a secret that shares a page with what an attacker chooses (BREACH). The CSRF
    token is masked anew each time. Pages of holders repeat nothing from their address, and cookies are
    SameSite=Lax, so no other site can have them fetched. Staff pages do repeat filters beside people's
    data: not compressed.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _compressible(request, response):
            patch_vary_headers(response, ("Accept-Encoding",))
            _compress(response, request.headers.get("Accept-Encoding", ""))
        return response


def _compressible(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        len(response.content) >= _WORTH_COMPRESSING
        and not response.has_header("Content-Encoding")
        and response.headers.get("Content-Type", "").startswith(_TEXTUAL)
        and not isinstance(rule_of_request(request), Staff)
    )


def _compress(response: HttpResponse, accepted: str) -> None:
    packed = response.packed(accepted) if isinstance(response, Filled) else None
    if packed is not None:
        response.headers["Content-Encoding"], response.content = packed
    elif "br" in accepted:
        response.content = brotli.compress(response.content, quality=_BROTLI_QUALITY, lgwin=_BROTLI_WINDOW)
        response.headers["Content-Encoding"] = "br"
    elif "gzip" in accepted:
        response.content = gzip.compress(response.content, compresslevel=5, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))


class PageLanguage:
    """The language is the first part of the address; other addresses follow the browser's wish.

    Unlike Django's own it sets no `Vary` on what has no language, such as theme sheets.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        from_path = get_language_from_path(request.path_info)
        spoken = from_path or get_language_from_request(request)
        translation.activate(spoken)
        request.LANGUAGE_CODE = spoken
        response = self.get_response(request)
        if response.status_code == 404 and not from_path and is_valid_path(f"/{spoken}{request.path_info}"):
            response = HttpResponseRedirect(f"/{spoken}{request.get_full_path()}")
            patch_vary_headers(response, ("Accept-Language",))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", translation.get_language())
        return response


class DatabaseAway:
    """Answers 503 in plain words, to be tried again, while the database can't be reached or a disk is full.

    Where a form asks for a file it says so itself; this is for what has to be written again when it is sent.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return errors.away(request) if isinstance(exception, _PASSES) else None

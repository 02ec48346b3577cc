"""Pages for when something is wrong: what happened, and what the person can do, in their language.

They need neither database nor session. The one for a missing database speaks all languages at once and is
rendered only once.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.utils.translation import gettext as _
from django.utils.translation import override

from loket.kernel import request_ids
from loket.web.shell import Chrome, site_brand
from loket.web.words import direction, language

RETRY_AFTER_SECONDS = 20


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Title and paragraphs, translated."""

    title: str
    paragraphs: tuple[str, ...]
    # What to tell us with it; empty where nobody needs to.
    quote: str = ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return too_large(request) if isinstance(exception, RequestDataTooBig) else _shown(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _shown(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _shown(request, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    """For views that refuse an upload by its size."""
    return _shown(request, 413)


def failed(request: HttpRequest) -> HttpResponse:
    """The last resort. A database lost before any view ran (by another middleware) arrives here too."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return away(request)
    return _shown(request, 500)


def please_send_again(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF failure: most often a page that was open while cookies were cleared."""
    return _shown(request, 403, "csrf")


def away(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_away_page(language()), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest, status: int, which: str = "") -> HttpResponse:
    page = _PAGES[which or str(status)]()
    return render(request, "web/error.html", {"page": page}, status=status)


@lru_cache(maxsize=16)
def _away_page(first: str) -> str:
    codes = [code for code, _name in settings.LANGUAGES]
    codes.sort(key=lambda code: code != first)
    parts = []
    for code in codes:
        with override(code):
            parts.append((code, direction(code), _away_words()))
    with override(first):
        chrome = Chrome(first, direction(first), site_brand(), (), personal=False, demo=False, finish="")
        context = {"chrome": chrome, "parts": parts, "messages": ()}
        return engines["jinja2"].get_template("web/away.html").render(context)


def _away_words() -> ErrorPage:
    return ErrorPage(
        _("Sorry, the service is resting for a moment"),
        (
            _("We cannot reach our records right now. Nothing you saved or sent is lost."),
            _("Please wait a minute, then load this page again."),
        ),
    )


def _bad_request_words() -> ErrorPage:
    return ErrorPage(
        _("We could not understand that"),
        (_("Something in the address or in what was sent is not right. Please go back and try again."),),
    )


def _forbidden_words() -> ErrorPage:
    return ErrorPage(
        _("You cannot open this page"),
        (
            _("Your account is not allowed to see it."),
            _("If you think it should be, ask the administrator of your agency."),
        ),
    )


def _not_found_words() -> ErrorPage:
    return ErrorPage(
        _("Page not found"),
        (
            _("If you typed the address, check that it is correct."),
            _("If you were filling in an application on a computer that has since been cleared, "
              "open it again with your reference."),
        ),
    )  # fmt: skip


def _too_large_words() -> ErrorPage:
    return ErrorPage(
        _("That was too large to receive"),
        (_("Please go back and choose a smaller file. A photo taken with less detail is often enough."),),
    )


def _failed_words() -> ErrorPage:
    return ErrorPage(
        _("Sorry, something went wrong here"),
        (
            _("It is our fault, not yours. What you saved before is safe."),
            _("Please try again in a few minutes."),
        ),
        request_ids.current(),
    )


def _csrf_words() -> ErrorPage:
    return ErrorPage(
        _("Please send it again"),
        (
            _("For your safety we did not accept the last page you sent: it was open for long, or this "
              "computer was cleared in the meantime."),
            _("Go back, load that page again and send it once more. Answers you sent before are still saved; "
              "only those on the last page must be typed again."),
            _("If it happens again, allow cookies for this site in your browser."),
        ),
    )  # fmt: skip


_PAGES: Mapping[str, Callable[[], ErrorPage]] = {
    "400": _bad_request_words,
    "403": _forbidden_words,
    "404": _not_found_words,
    "413": _too_large_words,
    "500": _failed_words,
    "csrf": _csrf_words,
}

"""The way in to everything below /api/: no session, no cookie, no page, and never HTML.

It stands before the middleware of pages, which programs would only pay for.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.urls import resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from ninja.errors import HttpError, ValidationError

from loket.api import bearer, reading
from loket.api.problems import (
    AWAY,
    FAILED,
    FORBIDDEN,
    MALFORMED,
    METHOD,
    NOT_FOUND,
    TOO_LARGE,
    ApiProblem,
    Kind,
    response,
)
from loket.api.wrong import not_as_described
from loket.web.access import rule_of
from loket.web.errors import RETRY_AFTER_SECONDS

_BELOW = "/api/"
_READING = frozenset({"GET", "HEAD"})

logger = logging.getLogger(__name__)


class ApiDoor:
    """Answers whatever is below /api/; lets the rest pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(_BELOW):
            return self.get_response(request)
        spoken = asked_language(request)
        translation.activate(spoken)
        method = request.method
        answer = _answered(request)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Content-Language", spoken)
        if isinstance(answer, HttpResponse):
            answer.headers.setdefault("Content-Length", str(len(answer.content)))
            if method == "HEAD":
                answer.content = b""
            if method in _READING:
                patch_vary_headers(answer, ("Accept-Language", "Authorization"))
        return answer


def asked_language(request: HttpRequest) -> str:
    """`?language=` before the header; of what we speak."""
    wanted = request.GET.get("language")
    if wanted and any(wanted == code for code, _name in settings.LANGUAGES):
        return wanted
    return get_language_from_request(request)


def _answered(request: HttpRequest) -> HttpResponseBase:
    try:
        answer = _view_of(request)
    except Exception as wrong:
        return response(problem_of(wrong, request))
    if isinstance(answer, HttpResponseNotAllowed):
        return response(ApiProblem(METHOD, headers={"Allow": answer.headers["Allow"]}))
    return answer


def _view_of(request: HttpRequest) -> HttpResponseBase:
    # Refuses hosts that are not ours.
    request.get_host()
    match = resolve(request.path_info)
    request.resolver_match = match
    view = match.func
    rule = rule_of(view)
    if rule is None:
        raise PermissionDenied("No access rule is declared for this view.")
    request.loket_rule = rule  # type: ignore[attr-defined]
    bearer.admit(request, rule, view)
    if request.method == "HEAD":
        request.method = "GET"
    reading.read_body(request, view)
    answer: HttpResponseBase = view(request, *match.args, **match.kwargs)
    return answer


def problem_of(wrong: Exception, request: HttpRequest) -> ApiProblem:
    if isinstance(wrong, ApiProblem):
        return wrong
    if isinstance(wrong, ValidationError):
        return not_as_described(wrong)
    if isinstance(wrong, OperationalError | InterfaceError):
        logger.warning("api_database_away", extra={"request": request})
        return ApiProblem(AWAY, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    kind = _kind_of(wrong)
    if kind is not None:
        return ApiProblem(kind)
    logger.error("api_failed", exc_info=wrong, extra={"request": request, "status_code": 500})
    got_request_exception.send(sender=ApiDoor, request=request)
    return ApiProblem(FAILED)


def _kind_of(wrong: Exception) -> Kind | None:
    if isinstance(wrong, Http404):
        return NOT_FOUND
    if isinstance(wrong, PermissionDenied):
        return FORBIDDEN
    if isinstance(wrong, RequestDataTooBig):
        return TOO_LARGE
    if isinstance(wrong, SuspiciousOperation | HttpError | MultiPartParserError):
        return MALFORMED
    return None

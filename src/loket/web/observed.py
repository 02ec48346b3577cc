"""Around everything else: gives the request its id, and when it was answered says so to logs and figures.

Of the address only the pattern is told, and of the person nothing: neither answers nor the IP address.
"""

import logging
import threading
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import Any, TypeAlias

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponseBase

from loket.kernel import request_ids
from loket.web import figures, health, traces

Next: TypeAlias = Callable[[HttpRequest], HttpResponseBase]

HEADER = "X-Request-ID"
# Asked every few seconds by machines; nobody wants to read that.
_QUIET = frozenset({*(path[1:] for path in health.LIVE), health.READY[1:], "metrics"})

_log = logging.getLogger(__name__)


class _Tally(threading.local):
    """Statements of the request that this thread answers."""

    statements: int = 0


_tally = _Tally()


class Observed:
    """Outermost, so that what others answer in a view's place is counted too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with request_ids.working_on(_id_of(request)):
            _count_statements()
            begun = perf_counter()
            response = self._traced(request) if traces.on() else self.get_response(request)
            seconds = perf_counter() - begun
            response.headers[HEADER] = request_ids.current()
            route = _route(request)
            figures.answered(request.method or "", route, response.status_code, seconds, _tally.statements)
            if _log.isEnabledFor(logging.INFO) and route not in _QUIET:
                _tell(request, route, response.status_code, seconds)
        return response

    def _traced(self, request: HttpRequest) -> HttpResponseBase:
        method = request.method if request.method in figures.METHODS else "other"
        with traces.span(str(method), {"http.request.method": str(method)}) as told:
            response = self.get_response(request)
            route = _route(request)
            told.name(f"{method} {route}")
            told.also(
                {
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                    "loket.request_id": request_ids.current(),
                    "loket.statements": _tally.statements,
                }
            )
        return response


def _id_of(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.REQUEST_ID_FROM_PROXY else ""
    return given if given and request_ids.is_well_formed(given) else request_ids.new()


def _tell(request: HttpRequest, route: str, status: int, seconds: float) -> None:
    fields = {
        "method": request.method if request.method in figures.METHODS else "other",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "statements": _tally.statements,
    }
    _log.info("answered", extra={"fields": fields})


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return _in_no_language(match.route)
    if request.path_info in health.LIVE or request.path_info == health.READY:
        return request.path_info[1:]
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


@lru_cache(maxsize=4096)
def _in_no_language(route: str) -> str:
    """The pattern without the language it begins with: one row in the figures, not three."""
    first, slash, rest = route.partition("/")
    return f"<language>/{rest}" if slash and first in dict(settings.LANGUAGES) else route


def _count_statements() -> None:
    _tally.statements = 0
    for connection in connections.all():
        if _counted not in connection.execute_wrappers:
            connection.execute_wrappers.append(_counted)


def _counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    _tally.statements += 1
    if traces.on():
        with traces.span(traces.statement_kind(sql), {"db.system.name": "postgresql"}):
            return execute(sql, params, many, context)
    return execute(sql, params, many, context)

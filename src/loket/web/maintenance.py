"""While the system is looked after: everything can be read, nothing is taken in, and every page says so.

Whatever is not a plain reading is refused before it reaches a view, and what was typed stays in the page
that says so. Still taken in: what one reads by (looking a case up, coming back to a draft, checking a
document, signing in, clearing this computer) and what payment providers and messengers tell us, for the
database is there, they may not tell us twice, and hearing twice changes nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from loket.identity import queries as identity
from loket.kernel import clock
from loket.upkeep import queries as upkeep
from loket.upkeep.types import Window
from loket.web.crowd.door import carried, language_of
from loket.web.crowd.page import PAGE_HEADERS, told
from loket.web.words import language, long_moment

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_TAKEN_IN = re.compile(
    r"/api/v1/(callbacks|receipts)/"
    r"|/[a-z]{2}/(track/(?!reply/)|return/|verify/|search/|account/|finish/)"
)
_LEAST_AFTER, _MOST_AFTER = 60, 3600


class Maintenance:
    """The middleware. Outside a window it costs one look into memory."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if upkeep.window() is None or request.method in _READING or _TAKEN_IN.match(request.path_info):
            return self.get_response(request)
        now = clock.now()
        window = upkeep.on(now)
        return self.get_response(request) if window is None else _refused(request, window, now)


def notice() -> str:
    """The line at the head of every page while a window is on or announced; empty otherwise."""
    window = upkeep.window()
    return (
        ""
        if window is None
        else " ".join(part for part in (_said(window, clock.now()), _added(window)) if part)
    )


def _said(window: Window, now: datetime) -> str:
    begins, until = _moment(window.begins), _moment(window.until) if window.until else ""
    if window.is_on(now):
        if until and window.until and window.until > now:
            return _("We are looking after this system until about %(until)s. You can read everything; "
                     "sending works again after that.") % {"until": until}  # fmt: skip
        return _("We are looking after this system. You can read everything; sending works again soon.")
    if until:
        return _("From %(begins)s until about %(until)s we look after this system. You can read "
                 "everything then, but not send. What you have saved stays.") % {
                     "begins": begins, "until": until}  # fmt: skip
    return _("From %(begins)s we look after this system. You can read everything then, but not send. What "
             "you have saved stays.") % {"begins": begins}  # fmt: skip


def _moment(moment: datetime) -> str:
    """By the clock of nearly all agencies, on every page the same; where they differ, it is named."""
    try:
        zones = Counter(agency.timezone for agency in identity.agencies())
    except Error:
        # Nobody can be asked, least of all on the page that says so.
        zones = Counter()
    zone = zones.most_common(1)[0][0] if zones else "UTC"
    with timezone.override(ZoneInfo(zone)):
        said = long_moment(moment)
    return said if len(zones) == 1 else f"{said} ({zone})"


def _added(window: Window) -> str:
    return window.message.get(language()) or window.message.get("") or ""


def _refused(request: HttpRequest, window: Window, now: datetime) -> HttpResponse:
    after = (window.until - now).total_seconds() if window.until else 0
    after = round(min(max(after, _LEAST_AFTER), _MOST_AFTER))
    if request.path_info.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Maintenance", "status": 503, "code": "maintenance"}
        response = HttpResponse(json.dumps(problem), status=503, content_type="application/problem+json")
    else:
        response = HttpResponse(_page(request, window, now), status=503)
        for name, value in PAGE_HEADERS:
            response[name] = value
    response["Retry-After"], response["Cache-Control"] = str(after), "no-store"
    return response


def _page(request: HttpRequest, window: Window, now: datetime) -> bytes:
    spoken = language_of(request.META)
    with override(spoken):
        fields, files = carried(request.META)
        said = [_said(window, now), _added(window)]
        if fields:
            said.append(_("What you typed is kept in this page. Leave it open and send it again afterwards; "
                          "what you saved before is safe in any case."))  # fmt: skip
        else:
            said.append(
                _("What you saved before is safe. Go back in your browser and send it again afterwards.")
            )
        if files:
            said.append(_("Only the files have to be chosen again, on the page that comes then."))
        return told(spoken, _("We could not take that in just now"), [part for part in said if part], fields)

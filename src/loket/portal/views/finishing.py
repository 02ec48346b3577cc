"""Finish and clear this computer: the next person at it must find nothing."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from loket.applications import queries as applications
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.kernel import clock
from loket.portal import addresses, cookies, letting_go, shown
from loket.web.access import public
from loket.web.words import local_text

# Not "cookies": that would also clear those of other sites on the same domain.
_CLEAR = '"cache", "storage"'


@dataclass(frozen=True, slots=True)
class DraftHere:
    """An application on this computer. `lost`: clearing the computer deletes it."""

    service: str
    lost: bool
    sent: bool
    save: str


@dataclass(frozen=True, slots=True)
class FinishPage:
    drafts: tuple[DraftHere, ...]

    @property
    def loses(self) -> bool:
        return any(draft.lost for draft in self.drafts)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest) -> HttpResponse:
    """Clears at once where nothing would be lost; otherwise asks first."""
    page = FinishPage(_drafts_here(request))
    sure = request.POST.get("sure") == "yes" or not page.loses
    if request.method != "POST" or not sure:
        return shown.page(request, "finish", page)
    for _name, cookie in cookies.drafts(request):
        letting_go.let_go(cookie.token, clock.now())
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        logout(request)
    response = HttpResponseRedirect(reverse("portal:finished"))
    cookies.forget(response, *cookies.of_this_site(request))
    response["Clear-Site-Data"] = _CLEAR
    return response


@public
@require_safe
def finished(request: HttpRequest) -> HttpResponse:
    return shown.page(request, "finished", None)


def _drafts_here(request: HttpRequest) -> tuple[DraftHere, ...]:
    found = []
    for _name, cookie in cookies.drafts(request):
        draft = applications.draft(cookie.token, clock.now())
        if draft is None:
            continue
        service = catalogue.compiled(draft.version_id).service
        agency = identity.agency_known(draft.agency_id).key
        found.append(
            DraftHere(
                local_text(service.title),
                letting_go.would_be_lost(draft),
                bool(draft.reference),
                addresses.of_service("save", agency, service.key),
            )
        )
    return tuple(found)

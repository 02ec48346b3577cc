"""Finding a service: home, search, life events, agencies, and the page of a service."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loket.applications import queries as applications
from loket.catalogue import queries as catalogue
from loket.catalogue.life_events import BY_KEY, LIFE_EVENTS
from loket.catalogue.types import LiveService
from loket.identity import queries as identity
from loket.identity.types import AgencyContact, AgencyView
from loket.kernel import clock
from loket.portal import addresses, cookies, costs, shown, wording
from loket.portal.cookies import Spoilt
from loket.portal.costs import FeeTold, WaiverTold
from loket.web.access import public
from loket.web.centres import CentreWords, told_now
from loket.web.kept import Same
from loket.web.words import language, local_text

_LONGEST_SEARCH = 200

_ICONS = {
    "having-a-baby": "birth",
    "starting-school": "school",
    "working": "work",
    "running-a-business": "business",
    "moving-house": "home",
    "building": "land",
    "driving": "driving",
    "getting-married": "marriage",
    "being-ill": "health",
    "hard-times": "money",
    "retiring": "family",
    "a-death": "death",
    "travelling": "travel",
    "asking-government": "document",
}


@dataclass(frozen=True, slots=True)
class ServiceTile:
    title: str
    summary: str
    href: str
    icon: str
    agency: str
    minutes: str
    promise: str


@dataclass(frozen=True, slots=True)
class EventTile:
    name: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class AgencyLink:
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class HomePage:
    popular: tuple[ServiceTile, ...]
    events: tuple[EventTile, ...]
    agencies: tuple[AgencyLink, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`suggestions` are shown where nothing was found."""

    query: str
    results: tuple[ServiceTile, ...]
    suggestions: tuple[ServiceTile, ...]
    events: tuple[EventTile, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    title: str
    services: tuple[ServiceTile, ...]
    contact: AgencyContact | None = None


@dataclass(frozen=True, slots=True)
class AgencyPage:
    title: str
    services: tuple[ServiceTile, ...]
    contact: AgencyContact
    centres: tuple[CentreWords, ...]


@dataclass(frozen=True, slots=True)
class ServicePage:
    """`draft` is `going` or `sent` where this browser has one."""

    title: str
    summary: str
    agency: AgencyLink
    needs: tuple[str, ...]
    minutes: str
    promise: str
    purpose: str
    kept_for: str
    start: str
    again: str
    draft: str
    contact: AgencyContact
    fees: tuple[FeeTold, ...]
    waivers: tuple[WaiverTold, ...]


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    services, agencies = catalogue.all_live(), identity.agencies()

    def page() -> HomePage:
        busy = {one.agency_key for one in services}
        return HomePage(
            popular=tiles(catalogue.popular(language())),
            events=_events(services),
            agencies=tuple(_agency_link(one) for one in agencies if one.key in busy),
        )

    return shown.public_page(request, "home", page, (Same(services), Same(agencies)))


@public
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:_LONGEST_SEARCH]
    results = catalogue.search(query, language()) if query else ()
    page = SearchPage(
        query=query,
        results=tiles(results),
        suggestions=() if results else tiles(catalogue.popular(language())),
        events=() if results else _events(catalogue.all_live()),
    )
    return shown.page(request, "search", page)


@public
@require_safe
def life_event(request: HttpRequest, key: str) -> HttpResponse:
    if key not in BY_KEY:
        raise Http404

    def page() -> ListPage:
        return ListPage(BY_KEY[key].name(language()), tiles(catalogue.by_life_event(key)))

    return shown.public_page(request, "life_event", page, (key, Same(catalogue.all_live())))


@public
@require_safe
def agency(request: HttpRequest, agency: str) -> HttpResponse:
    found = _agency(agency)
    now = clock.now()
    page = AgencyPage(
        found.name(language()),
        tiles(catalogue.services_of(agency)),
        found.contact,
        tuple(told_now(centre, found, now) for centre in found.open_centres),
    )
    return shown.page(request, "agency", page, found)


@public
@require_safe
def service(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    found, live = _agency(agency), catalogue.live(agency, service)
    if live is None:
        raise Http404
    compiled, draft = catalogue.compiled(live.version_id), _draft_here(request, agency, service)

    def page() -> ServicePage:
        told = compiled.service
        return ServicePage(
            title=local_text(told.title),
            summary=local_text(told.summary),
            agency=_agency_link(found),
            needs=tuple(local_text(need) for need in told.needs),
            minutes=wording.about_minutes(told.takes_minutes),
            promise=wording.within(told.promise),
            purpose=local_text(told.purpose),
            kept_for=wording.kept_for(told.retention),
            start=addresses.of_service("apply", agency, service),
            again=addresses.of_service("again", agency, service),
            draft=draft,
            contact=found.contact,
            fees=costs.fees_told(compiled),
            waivers=costs.waivers_told(compiled),
        )

    return shown.public_page(request, "service", page, (Same(live), Same(found), draft), found)


def tiles(services: Iterable[LiveService]) -> tuple[ServiceTile, ...]:
    return tuple(
        ServiceTile(
            title=local_text(one.title),
            summary=local_text(one.summary),
            href=addresses.of_service("service", one.agency_key, one.key),
            icon=next((_ICONS[key] for key in one.life_events if key in _ICONS), "counter"),
            agency=local_text(one.agency_names),
            minutes=wording.about_minutes(one.takes_minutes),
            promise=_("decided within %(term)s")
            % {"term": wording.within(catalogue.compiled(one.version_id).promise)},
        )
        for one in services
    )


def _events(services: Iterable[LiveService]) -> tuple[EventTile, ...]:
    """Only those that lead somewhere."""
    lived = {key for one in services for key in one.life_events}
    return tuple(
        EventTile(
            event.name(language()),
            addresses.of_life_event(event.key),
            _ICONS.get(event.key, "counter"),
        )
        for event in LIFE_EVENTS
        if event.key in lived
    )


def _agency(key: str) -> AgencyView:
    found = identity.agency(key)
    if found is None:
        raise Http404
    return found


def _agency_link(one: AgencyView) -> AgencyLink:
    return AgencyLink(one.name(language()), addresses.of_agency(one.key))


def _draft_here(request: HttpRequest, agency: str, service: str) -> str:
    try:
        cookie = cookies.draft(request, cookies.draft_name(agency, service))
    except Spoilt:
        return ""
    draft = applications.draft(cookie.token, clock.now()) if cookie else None
    if draft is None:
        return ""
    return "sent" if draft.reference else "going"

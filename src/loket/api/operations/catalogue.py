"""What can be asked for, of whom, and what it takes: open to everybody."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query

from loket.api import answers, definition, pace
from loket.api.bearer import token_of
from loket.api.bodies import Agencies, LanguageCode, LifeEvents, ServiceDefinition, Services
from loket.api.operations.applications import service_at
from loket.api.surface import operation
from loket.catalogue import queries as catalogue
from loket.catalogue.life_events import LIFE_EVENTS
from loket.catalogue.types import LiveService
from loket.identity import queries as identity
from loket.kernel.text import marked
from loket.web.access import Public
from loket.web.words import language, local_text

Spoken: TypeAlias = Annotated[LanguageCode | None, Query(alias="language")]
Cursor: TypeAlias = Annotated[str | None, Query(max_length=500)]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=200)]
Word: TypeAlias = Annotated[str | None, Query(max_length=200)]

_READING = (400, 404, 422, 429)


@operation(
    "GET",
    "/agencies",
    rule=Public(),
    answers={200: Agencies, 304: None},
    tag="catalogue",
    summary=marked("List the agencies"),
    about=marked("In the order of their keys."),
    problems=_READING,
)
def list_agencies(
    request: HttpRequest, spoken: Spoken = None, cursor: Cursor = None, limit: Limit = 100
) -> HttpResponse:
    headers = pace.of_reading(request, token_of(request))
    last = answers.after("agencies", cursor)
    rows = [agency for agency in identity.agencies() if agency.key > last][: limit + 1]
    shown, following = answers.page_of(rows, limit, "agencies", lambda agency: agency.key)
    items = [
        {
            "key": agency.key,
            "name": agency.name(language()),
            "timezone": agency.timezone,
            "services": len(catalogue.services_of(agency.key)),
        }
        for agency in shown
    ]
    return answers.lasting(request, {"items": items, "next": following}, headers)


@operation(
    "GET",
    "/life-events",
    rule=Public(),
    answers={200: LifeEvents, 304: None},
    tag="catalogue",
    summary=marked("List the life events by which services are found"),
    about=marked("All of them, also those that no service names yet."),
    problems=_READING,
)
def list_life_events(request: HttpRequest, spoken: Spoken = None) -> HttpResponse:
    headers = pace.of_reading(request, token_of(request))
    items = [{"key": event.key, "name": event.name(language())} for event in LIFE_EVENTS]
    return answers.lasting(request, {"items": items}, headers)


@operation(
    "GET",
    "/services",
    rule=Public(),
    answers={200: Services, 304: None},
    tag="catalogue",
    summary=marked("Find services"),
    about=marked("In the order of agency and key; what is searched for comes best first, at most fifty."),
    problems=_READING,
)
def list_services(
    request: HttpRequest,
    search: Word = None,
    life_event: Word = None,
    agency: Word = None,
    spoken: Spoken = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    headers = pace.of_reading(request, token_of(request))
    found = catalogue.search(_plain(search), language()) if search else _in_order()
    chosen = [
        service
        for service in found
        if (life_event is None or life_event in service.life_events)
        and (agency is None or agency == service.agency_key)
    ]
    if search:
        return answers.lasting(request, {"items": [_card(one) for one in chosen], "next": None}, headers)
    last = answers.after("services", cursor)
    rows = [service for service in chosen if _place(service) > last][: limit + 1]
    shown, following = answers.page_of(rows, limit, "services", _place)
    return answers.lasting(request, {"items": [_card(one) for one in shown], "next": following}, headers)


@operation(
    "GET",
    "/services/{agency}/{service}",
    rule=Public(),
    answers={200: ServiceDefinition, 304: None},
    tag="catalogue",
    summary=marked("Read the definition of a service"),
    about=marked(
        "The published version: pages, questions, when each is asked, and what each answer looks like."
    ),
    problems=_READING,
)
def read_service(request: HttpRequest, agency: str, service: str, spoken: Spoken = None) -> HttpResponse:
    headers = pace.of_reading(request, token_of(request))
    compiled = service_at(agency, service)
    owner = identity.agency(agency)
    if owner is None:
        raise Http404
    return answers.lasting(request, definition.of(compiled, owner), headers)


def _in_order() -> tuple[LiveService, ...]:
    return tuple(sorted(catalogue.all_live(), key=_place))


def _place(service: LiveService) -> str:
    return f"{service.agency_key}/{service.key}"


def _plain(search: str) -> str:
    return search.replace("\0", " ").encode("utf-8", "replace").decode()


def _card(service: LiveService) -> Mapping[str, object]:
    spoken = language()
    return {
        "agency": service.agency_key,
        "agency_name": local_text(service.agency_names),
        "key": service.key,
        "title": local_text(service.title),
        "summary": local_text(service.summary),
        "life_events": list(service.life_events),
        "languages": list(service.languages),
        "takes_minutes": service.takes_minutes,
        "address": f"{settings.PUBLIC_ADDRESS}/{spoken}/services/{service.agency_key}/{service.key}/",
    }

"""Other systems that are told what happens: registering them, seeing what could not be delivered, again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from loket.catalogue import queries as catalogue
from loket.catalogue.types import LiveService
from loket.desk import hook_words
from loket.desk.doors import at_desk, own_agency, shown
from loket.identity import queries as identity
from loket.identity.types import AgencyView, Role
from loket.kernel import clock
from loket.web.access import staff_member
from loket.webhooks import actions, policies, queries
from loket.webhooks.types import (
    CHOOSABLE,
    BadAddress,
    EndpointOff,
    EndpointView,
    EventType,
    NoSuchDelivery,
    NoSuchEndpoint,
    NothingChosen,
    TooManyEndpoints,
)

_SHOWN = 50
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """What the administrator wrote; it survives every refusal."""

    address: str = ""
    events: tuple[str, ...] = tuple(one.value for one in CHOOSABLE)
    services: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Form:
    """What an endpoint may be told. `former`: services that were chosen and are offered no more."""

    typed: Typed
    problems: Mapping[str, str]
    services: tuple[LiveService, ...]
    former: tuple[str, ...]
    choosable: tuple[EventType, ...] = CHOOSABLE


@at_desk(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def endpoints(request: HttpRequest) -> HttpResponse:
    """All of the agency's, and a form for another. Its secret is on the page that answers, never again."""
    agency = _agency(request)
    if request.method != "POST":
        return _list(request, agency, Typed(), {})
    typed = _typed(request)
    try:
        made, secret = actions.register(
            agency_id=agency.id,
            address=typed.address,
            events=_events(typed),
            services=typed.services,
            by=staff_member(request).actor,
            now=clock.now(),
        )
    except TooManyEndpoints as refused:
        problem = _("An agency can have %(most)s endpoints. Remove one first.") % refused.details
        return _list(request, agency, typed, {"address": problem})
    except (BadAddress, NothingChosen) as refused:
        return _list(request, agency, typed, _problem(refused))
    return shown(request, "webhook_secret", secret=secret, endpoint_id=made, rotated=False)


@at_desk(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """One endpoint: how it does, what is parked, and what it is told."""
    agency = _agency(request)
    known = _known(agency, endpoint_id)
    if request.method != "POST":
        typed = Typed(known.address, tuple(known.events), known.services)
        return _one(request, agency, known, typed, {})
    typed = _typed(request)
    try:
        actions.change(
            agency_id=agency.id,
            endpoint_id=endpoint_id,
            address=typed.address,
            events=_events(typed),
            services=typed.services,
            by=staff_member(request).actor,
            now=clock.now(),
        )
    except (BadAddress, NothingChosen) as refused:
        return _one(request, agency, known, typed, _problem(refused))
    messages.success(request, _("Changed."))
    return _back(endpoint_id)


@at_desk(Role.ADMINISTRATOR)
@require_POST
def act(request: HttpRequest, endpoint_id: UUID, what: str) -> HttpResponse:
    """What the buttons of an endpoint's page do."""
    agency = _agency(request)
    _known(agency, endpoint_id)
    if what == "rotate":
        secret = actions.rotate_secret(
            agency_id=agency.id, endpoint_id=endpoint_id, by=staff_member(request).actor, now=clock.now()
        )
        return shown(request, "webhook_secret", secret=secret, endpoint_id=endpoint_id, rotated=True)
    if what not in _DONE:
        raise Http404
    try:
        count = _DONE[what](
            agency_id=agency.id, endpoint_id=endpoint_id, by=staff_member(request).actor, now=clock.now()
        )
    except EndpointOff:
        messages.error(request, _("It is switched off. Switch it on first."))
        return _back(endpoint_id)
    messages.success(request, _said(what, count if isinstance(count, int) else 0))
    return HttpResponseRedirect(reverse("desk:webhooks")) if what == "remove" else _back(endpoint_id)


@at_desk(Role.ADMINISTRATOR)
@require_POST
def again(request: HttpRequest, endpoint_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Sends one parked delivery again."""
    agency = _agency(request)
    _known(agency, endpoint_id)
    try:
        actions.send_again(
            agency_id=agency.id, delivery_id=delivery_id, by=staff_member(request).actor, now=clock.now()
        )
    except EndpointOff:
        messages.error(request, _("It is switched off. Switch it on first."))
    except NoSuchDelivery:
        messages.error(request, _("That has been sent again already."))
    else:
        messages.success(request, _said("again", 1))
    return _back(endpoint_id)


_DONE = {
    "test": actions.send_test,
    "on": actions.switch_on,
    "off": actions.switch_off,
    "again": actions.send_all_again,
    "remove": actions.remove,
}


def _said(what: str, count: int) -> str:
    if what == "again":
        words = ngettext("%(count)s event is sent again.", "%(count)s events are sent again.", count)
        return words % {"count": count}
    return {
        "test": _("A test event is on its way. Reload this page in a moment to see what came of it."),
        "on": _("Switched on. It is told what happens from now on."),
        "off": _("Switched off. It is told nothing any more."),
        "remove": _("Removed."),
    }[what]


def _agency(request: HttpRequest) -> AgencyView:
    member = staff_member(request)
    mine = own_agency(member)
    if policies.may_manage(member, mine.id):
        return mine
    managed = [post.agency_id for post in member.posts if policies.may_manage(member, post.agency_id)]
    if not managed:
        raise Http404
    return identity.agency_known(managed[0])


def _known(agency: AgencyView, endpoint_id: UUID) -> EndpointView:
    try:
        return queries.endpoint(agency_id=agency.id, endpoint_id=endpoint_id)
    except NoSuchEndpoint:
        raise Http404 from None


def _typed(request: HttpRequest) -> Typed:
    sent = request.POST
    services = tuple(one[:64].replace("\0", "") for one in sent.getlist("services")[:200] if one)
    return Typed(sent.get("address", "")[: _LONGEST + 1].strip(), tuple(sent.getlist("events")), services)


def _events(typed: Typed) -> list[EventType]:
    return [one for one in CHOOSABLE if one.value in typed.events]


def _problem(refused: BadAddress | NothingChosen) -> Mapping[str, str]:
    if isinstance(refused, NothingChosen):
        return {"events": _("Choose at least one event.")}
    return {"address": hook_words.address_problem(str(refused.details["why"]))}


def _list(
    request: HttpRequest, agency: AgencyView, typed: Typed, problems: Mapping[str, str]
) -> HttpResponse:
    return shown(
        request,
        "webhooks",
        endpoints=queries.endpoints([agency.id]),
        agency=agency,
        form=_form(agency, typed, problems),
        hook_words=hook_words,
    )


def _one(
    request: HttpRequest, agency: AgencyView, known: EndpointView, typed: Typed, problems: Mapping[str, str]
) -> HttpResponse:
    return shown(
        request,
        "webhook",
        endpoint=known,
        parked=queries.parked(agency_id=agency.id, endpoint_id=known.id, limit=_SHOWN)
        if known.parked
        else (),
        latest=queries.deliveries(agency_id=agency.id, endpoint_id=known.id, limit=10),
        now=clock.now(),
        form=_form(agency, typed, problems),
        hook_words=hook_words,
    )


def _form(agency: AgencyView, typed: Typed, problems: Mapping[str, str]) -> Form:
    offered = catalogue.services_of(agency.key)
    known = {one.key for one in offered}
    return Form(typed, problems, offered, tuple(key for key in typed.services if key not in known))


def _back(endpoint_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:webhook", args=(endpoint_id,)))

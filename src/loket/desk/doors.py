"""Around every page of the desk: who may come in, the agency's colours and clock, what was just done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from loket.casework.refusals import NoSuchCase
from loket.files.types import FileMissing
from loket.identity import queries as identity
from loket.identity.types import AgencyView, Role, StaffMember
from loket.kernel import clock
from loket.privacy.actions import KeyDestroyed
from loket.web.access import staff, staff_member
from loket.web.errors import ErrorPage
from loket.web.shell import set_brand

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
WORKING = (Role.OFFICER, Role.SUPERVISOR)
WRITING = (Role.PUBLISHER, Role.SUPERVISOR, Role.ADMINISTRATOR)
LOOKING = (*WORKING, Role.PRIVACY_OFFICER)
_DONE = "desk_done"


@dataclass(frozen=True, slots=True)
class NavLink:
    words: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What this person did within the last minute, and may take back."""

    event_id: UUID
    reference: str
    action: Mapping[str, str]
    until: datetime


def at_desk(*roles: Role) -> Callable[[View], View]:
    """A page for staff with one of `roles` (any role where there are none)."""

    def placed(view: View) -> View:
        @wraps(view)
        def at_work(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            agency = own_agency(staff_member(request))
            set_brand(request, agency)
            with timezone.override(ZoneInfo(agency.timezone)):
                return _answered(view, request, args, kwargs)

        return staff(*roles)(at_work)  # type: ignore[return-value]

    return placed


def _answered(
    view: Callable[..., HttpResponseBase], request: HttpRequest, args: Any, kwargs: dict[str, Any]
) -> HttpResponseBase:
    try:
        return view(request, *args, **kwargs)
    except (NoSuchCase, FileMissing) as refused:
        raise Http404 from refused
    except KeyDestroyed:
        return render(request, "web/error.html", {"page": _erased()}, status=410)


def _erased() -> ErrorPage:
    return ErrorPage(
        _("This case was erased"),
        (_("Its key was destroyed, as the law or its subject asked. Nobody can read it any more."),),
    )


def own_agency(member: StaffMember) -> AgencyView:
    return identity.agency_known(member.posts[0].agency_id)


def shown(request: HttpRequest, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """A page of the desk, with the links this person's roles give."""
    member = staff_member(request)
    around = {"staff": member, "nav": _nav(request, member), "done": just_done(request, clock.now())}
    return render(request, f"desk/{template}.html", {**around, **context}, status=status)


def remember_done(request: HttpRequest, done: Done | None) -> None:
    """Offers to take something back on the following pages, or stops offering."""
    if done is None:
        request.session.pop(_DONE, None)
    else:
        request.session[_DONE] = {
            "event_id": str(done.event_id),
            "reference": done.reference,
            "action": dict(done.action),
            "until": done.until.isoformat(),
        }


def just_done(request: HttpRequest, now: datetime) -> Done | None:
    kept = request.session.get(_DONE)
    if not kept or datetime.fromisoformat(kept["until"]) <= now:
        return None
    return Done(
        UUID(kept["event_id"]), kept["reference"], kept["action"], datetime.fromisoformat(kept["until"])
    )


def _nav(request: HttpRequest, member: StaffMember) -> tuple[NavLink, ...]:
    links = []
    if member.roles & set(WORKING):
        links += [
            (_("Cases"), "desk:worklist"),
            (_("Counter"), "desk:counter"),
            (_("Notices"), "desk:notices"),
            (_("Messages that did not arrive"), "desk:undelivered"),
        ]
    if member.roles & {*WORKING, Role.ADMINISTRATOR}:
        links.append((_("Money"), "desk:books"))
    if member.roles & set(WRITING):
        links.append((_("What messages say"), "desk:texts"))
    if Role.SUPERVISOR in member.roles:
        links.append((_("Export"), "desk:export"))
    if Role.ADMINISTRATOR in member.roles:
        links += [(_("Other systems"), "desk:webhooks"), (_("Programs"), "desk:tokens")]
    if Role.PRIVACY_OFFICER in member.roles:
        links.append((_("Who looked"), "desk:accesses"))
    if not links:
        links.append((_("Start"), "desk:start"))
    links.append((member.name, "desk:profile"))
    return tuple(
        NavLink(words, reverse(name), request.path.startswith(reverse(name)) and name != "desk:start")
        for words, name in links
    )

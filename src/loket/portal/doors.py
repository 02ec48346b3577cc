"""Who holds what: finds the draft or case behind a request, for the access rules."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from loket.applications import queries as applications
from loket.applications.drafts import journey_context
from loket.applications.types import DraftView
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.journey import Journey
from loket.forms.types import Answers, JourneyContext
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.payments import queries as payments
from loket.portal import cookies
from loket.portal.cookies import DraftCookie, Spoilt
from loket.portal.shown import Notice, Step, notice
from loket.web.words import language


@dataclass(frozen=True, slots=True)
class Place:
    """A service being filled in on this computer; `cookie` is None before the first answer."""

    agency: AgencyView
    service: CompiledService
    cookie: DraftCookie | None

    @property
    def cookie_name(self) -> str:
        return cookies.draft_name(self.agency.key, self.service.service.key)

    def journey(self, answers: Answers, now: datetime) -> Journey:
        return Journey(self.service.form, answers, self.context(now))

    def context(self, now: datetime) -> JourneyContext:
        return journey_context(self.agency, language(), now)


@dataclass(frozen=True, slots=True)
class Filling:
    """A place with what was answered so far."""

    place: Place
    draft: DraftView | None

    @property
    def answers(self) -> Answers:
        return self.draft.answers if self.draft else {}


@dataclass(frozen=True, slots=True)
class Following:
    """The case that this browser may see all of, or its stage and dates."""

    case_id: UUID
    full: bool


def place(request: HttpRequest, agency: str, service: str, **_rest: object) -> object:
    """Without a statement where the browser has a draft: its version is in the cookie."""
    found = identity.agency(agency)
    if found is None:
        return None
    name = cookies.draft_name(agency, service)
    try:
        cookie = cookies.draft(request, name)
    except Spoilt:
        return lost(request, agency, service)
    if cookie is None:
        live = catalogue.live(agency, service)
        return Place(found, catalogue.compiled(live.version_id), None) if live else None
    compiled = catalogue.compiled(cookie.version_id)
    if compiled.agency_id != found.id or compiled.service.key != service:
        # Copied from the cookie of another service.
        return lost(request, agency, service)
    return Place(found, compiled, cookie)


def filling(request: HttpRequest, agency: str, service: str, **rest: object) -> object:
    """One statement where the browser has a draft."""
    found = place(request, agency, service, **rest)
    if not isinstance(found, Place) or found.cookie is None:
        return Filling(found, None) if isinstance(found, Place) else found
    draft = applications.draft(found.cookie.token, clock.now())
    if draft is None or draft.version_id != found.cookie.version_id:
        return lost(request, agency, service)
    return Filling(found, draft)


def answering(request: HttpRequest, agency: str, service: str, **rest: object) -> object:
    """Reading a page opens the draft; what is sent is opened by the action itself, under its lock."""
    opens = filling if request.method in {"GET", "HEAD"} else place
    return opens(request, agency, service, **rest)


def following(request: HttpRequest, **_rest: object) -> object:
    """Whoever proved to know of a case; others are led to the form that asks."""
    grant = cookies.grant(request, clock.now())
    if grant is None:
        return HttpResponseRedirect(reverse("portal:track"))
    return Following(grant.case_id, grant.full)


def knowing(request: HttpRequest, **_rest: object) -> object:
    """Whoever used a code or a PIN within the half-hour; others are led to where codes are asked for."""
    found = following(request)
    if isinstance(found, Following) and not found.full:
        return HttpResponseRedirect(reverse("portal:case"))
    return found


def paying(request: HttpRequest, token: str, **_rest: object) -> object:
    """Whoever has the link to a payment may pay it: it shows what for and how much, and whose it is not."""
    payment = payments.by_token(token)
    return payment if payment is not None and payment.subject_id is not None else None


def lost(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    """The browser's draft opens nothing (any more)."""
    return notice(request, _lost_notice(agency, service), status=404)


def _lost_notice(agency: str, service: str) -> Notice:
    return Notice(
        title=_("We can’t find your answers"),
        paragraphs=(
            _(
                "They may have been cleared from this computer, opened on another one, or waited for more "
                "than 30 days."
            ),
            _("If you saved them, you can go on with your link, or with your reference and PIN."),
        ),
        steps=(
            Step(_("Go on with saved answers"), reverse("portal:return")),
            Step(
                _("Start again"),
                reverse("portal:again", kwargs={"agency": agency, "service": service}),
                post=True,
            ),
        ),
    )

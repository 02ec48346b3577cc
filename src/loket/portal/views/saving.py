"""Saving an unfinished application and coming back to it: by a link, or by a reference and a PIN on paper."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from loket.applications import actions
from loket.applications import queries as applications
from loket.applications.actions.saving import paper_pin
from loket.catalogue import queries as catalogue
from loket.forms.registry import KINDS
from loket.forms.types import Channel, Contact, ParseContext, Problem
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from loket.kernel.refusals import Refusal
from loket.notifications import queries as notifications
from loket.portal import addresses, cookies, doors, pace, shown
from loket.portal.cookies import DraftCookie
from loket.portal.doors import Filling
from loket.portal.shown import Notice, Step
from loket.web.access import held, holder, public
from loket.web.forms import ErrorItem, field_name, read_raw
from loket.web.words import language, local_text, say

_QUESTION = "way"
_CONTACT = KINDS["contact"].settings(id=_QUESTION, kind="contact", label={"en": "way"})


@dataclass(frozen=True, slots=True)
class SavePage:
    """`media` are those that can be sent here: `email`, `sms`."""

    service: str
    media: frozenset[str]
    back: str
    kept_until: datetime
    channel: str
    email: str
    phone: str
    problem: str
    problem_at: str
    errors: tuple[ErrorItem, ...]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """`reference` and `pin` where it was saved on paper, `sent_to` where a link was sent just now."""

    service: str
    reference: str
    pin: str
    sent_to: str
    kept_until: datetime
    go_on: str


@dataclass(frozen=True, slots=True)
class ReturnPage:
    reference: str
    errors: tuple[ErrorItem, ...]


@holder(doors.filling)
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    filling = held(request, Filling)
    if filling.draft is None or filling.draft.reference or filling.place.cookie is None:
        return HttpResponseRedirect(addresses.of_service("apply", agency, service))
    if request.method != "POST":
        return _offer(request, filling)
    chosen = _chosen(request, filling)
    if isinstance(chosen, Problem):
        return _offer(request, filling, chosen)
    now, token = clock.now(), filling.place.cookie.token
    if not pace.allows(pace.SAVES, request, now):
        return shown.too_often(request)
    return _keep(request, filling, chosen, token, now)


@holder(doors.filling)
@require_safe
def saved(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    filling = held(request, Filling)
    if filling.draft is None or not filling.draft.save_reference:
        return HttpResponseRedirect(addresses.of_service("save", agency, service))
    return shown.page(request, "saved", _saved(filling), filling.place.agency)


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """With the reference and the PIN."""
    if request.method != "POST":
        return shown.page(request, "return", ReturnPage("", ()))
    now = clock.now()
    if not pace.allows(pace.LOOK_UPS, request, now):
        return shown.too_often(request)
    reference, pin = request.POST.get("reference", "")[:40], request.POST.get("pin", "")[:40]
    try:
        token = actions.return_by_pin(reference=reference, pin=pin, now=now)
    except actions.TooOften:
        return shown.too_often(request)
    except Refusal as refusal:
        if refusal.code != "no_such_draft":
            raise
        wrong = _("We can’t find saved answers with this reference and PIN. Please check both numbers.")
        page = ReturnPage(reference, (ErrorItem(wrong, "#reference"),))
        return shown.page(request, "return", page)
    return _opened(token, now)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Programs that look into messages open every link: only the button opens the answers."""
    if request.method != "POST":
        return shown.page(request, "return_link", None)
    now = clock.now()
    if not pace.allows(pace.LOOK_UPS, request, now):
        return shown.too_often(request)
    try:
        return _opened(actions.return_by_link(link_token=token, now=now), now)
    except Refusal as refusal:
        if refusal.code not in {"no_such_draft", "already_submitted"}:
            raise
        return shown.notice(request, _dead_link(), status=404)


def _keep(request: HttpRequest, filling: Filling, chosen: Contact, token: str, now: datetime) -> HttpResponse:
    place = filling.place
    if chosen.channel is Channel.NONE:
        actions.save_on_paper(token=token, now=now)
        return HttpResponseRedirect(
            addresses.of_service("saved", place.agency.key, place.service.service.key)
        )
    try:
        actions.save_by_link(
            token=token, contact=chosen, address_of=_link, language=language(), by=APPLICANT, now=now
        )
    except actions.TooOften:
        return shown.too_often(request)
    return shown.page(request, "saved", _saved(filling, sent_to=chosen.address), place.agency)


def _chosen(request: HttpRequest, filling: Filling) -> Contact | Problem:
    agency = filling.place.agency
    context = ParseContext(clock.now().date(), agency.country, language())
    kind, raw = KINDS["contact"], read_raw(request.POST).get(_QUESTION, {})
    read = kind.parse(_CONTACT, raw, context)
    if isinstance(read, Contact) and read.channel is not Channel.NONE and read.channel.value not in _media():
        return Problem(kind.missing)
    return read if isinstance(read, Contact | Problem) else Problem(kind.missing)


def _media() -> frozenset[str]:
    return frozenset(medium.value for medium in notifications.offered_media())


def _offer(request: HttpRequest, filling: Filling, problem: Problem | None = None) -> HttpResponse:
    assert filling.draft is not None
    place, wrong = filling.place, say(problem.message) if problem else ""
    at = problem.part if problem else ""
    page = SavePage(
        service=local_text(place.service.title),
        media=_media(),
        back=addresses.of_service("apply", place.agency.key, place.service.service.key),
        kept_until=filling.draft.expires_at,
        channel=request.POST.get(field_name(_QUESTION), ""),
        email=request.POST.get(field_name(_QUESTION, "email"), ""),
        phone=request.POST.get(field_name(_QUESTION, "phone"), ""),
        problem=wrong,
        problem_at=at,
        errors=(ErrorItem(wrong, f"#{field_name(_QUESTION, at)}"),) if wrong else (),
    )
    return shown.page(request, "save", page, place.agency)


def _saved(filling: Filling, sent_to: str = "") -> SavedPage:
    assert filling.draft is not None
    reference = filling.draft.save_reference or ""
    return SavedPage(
        service=local_text(filling.place.service.title),
        reference=reference,
        pin=paper_pin(filling.draft.id) if reference else "",
        sent_to=sent_to,
        kept_until=filling.draft.expires_at,
        go_on=addresses.of_service("apply", filling.place.agency.key, filling.place.service.service.key),
    )


def _opened(token: str, now: datetime) -> HttpResponse:
    """Under its new token on this computer, where the person stopped."""
    draft = applications.draft(token, now)
    assert draft is not None
    agency = identity.agency_known(draft.agency_id).key
    service = catalogue.compiled(draft.version_id).service.key
    response = HttpResponseRedirect(addresses.of_service("apply", agency, service))
    cookies.keep_draft(response, cookies.draft_name(agency, service), DraftCookie(draft.version_id, token))
    return response


def _link(token: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}{reverse('portal:return_link', kwargs={'token': token})}"


def _dead_link() -> Notice:
    return Notice(
        _("This link does not work any more"),
        (
            _("We keep saved answers for 30 days. A newer link replaces an older one, and sending the "
              "application ends them all."),
            _("If we sent you more than one message, please use the latest."),
        ),
        (
            Step(_("Follow an application you sent"), addresses.of_tracker("track")),
            Step(_("Go to the home page"), reverse("portal:home")),
        ),
    )  # fmt: skip

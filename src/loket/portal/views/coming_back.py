"""Coming back to an application that was sent: reference and contact or PIN, then a one-time code."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from loket.casework import actions
from loket.casework import queries as casework
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.kernel.refusals import Refusal
from loket.portal import addresses, cookies, doors, pace, shown
from loket.portal.cookies import Grant
from loket.portal.doors import Following
from loket.portal.shown import Notice, Step
from loket.web.access import held, holder, public
from loket.web.forms import ErrorItem
from loket.web.words import language

_LONGEST = 254


@dataclass(frozen=True, slots=True)
class TrackPage:
    reference: str
    proof: str
    errors: tuple[ErrorItem, ...] = ()


@dataclass(frozen=True, slots=True)
class CodePage:
    minutes: int
    errors: tuple[ErrorItem, ...] = ()


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return shown.page(request, "track", TrackPage("", ""))
    page = TrackPage(request.POST.get("reference", "")[:40], request.POST.get("proof", "")[:_LONGEST].strip())
    missing = _missing(page)
    if missing:
        return shown.page(request, "track", TrackPage(page.reference, page.proof, missing))
    now = clock.now()
    if not pace.allows(pace.LOOK_UPS, request, now):
        return shown.too_often(request)
    try:
        grant = _found(page)
    except Refusal as refusal:
        if refusal.code == "too_often":
            return shown.too_often(request, int(refusal.details.get("minutes", 60)))
        if refusal.code != "no_such_case":
            raise
        wrong = _(
            "We can’t find an application with this reference and this e-mail address, phone number or PIN. "
            "Please check both."
        )
        again = TrackPage(page.reference, page.proof, (ErrorItem(wrong, "#reference"),))
        return shown.page(request, "track", again)
    response = HttpResponseRedirect(addresses.of_tracker("case"))
    cookies.keep_grant(response, grant, now)
    return response


@holder(doors.following)
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """POST without a code sends one; with one, uses it."""
    case_id, now = held(request, Following).case_id, clock.now()
    if request.method != "POST":
        return _ask_code(request, case_id)
    typed = request.POST.get("code")
    if not pace.allows(pace.LOOK_UPS, request, now):
        return shown.too_often(request)
    try:
        if typed is None:
            actions.send_code(case_id=case_id, language=language(), now=now)
            return HttpResponseRedirect(addresses.of_tracker("code"))
        actions.use_code(case_id=case_id, code=typed, now=now)
    except Refusal as refusal:
        return _code_refused(request, case_id, refusal)
    response = HttpResponseRedirect(addresses.of_tracker("case"))
    cookies.keep_grant(response, Grant(case_id, full=True), now)
    return response


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Signs out of the case."""
    response = HttpResponseRedirect(reverse("portal:home"))
    cookies.forget(response, cookies.CASE)
    return response


def _missing(page: TrackPage) -> tuple[ErrorItem, ...]:
    missing = []
    if normalised_reference(page.reference) is None:
        wrong = _("Enter the reference: 8 letters and digits, such as 7K3P-2M9X")
        missing.append(ErrorItem(wrong, "#reference"))
    if not page.proof:
        missing.append(ErrorItem(_("Enter your e-mail address, phone number or PIN"), "#proof"))
    return tuple(missing)


def _found(page: TrackPage) -> Grant:
    """Raises what casework refuses."""
    found, by_pin = actions.find_by_proof(reference=page.reference, proof=page.proof, now=clock.now())
    return Grant(found, full=by_pin)


def _ask_code(request: HttpRequest, case_id: UUID, errors: tuple[ErrorItem, ...] = ()) -> HttpResponse:
    status = casework.case_status(case_id, clock.now())
    agency = identity.agency_known(status.agency_id) if status else None
    return shown.page(request, "code", CodePage(actions.CODE_MINUTES, errors), agency)


def _code_refused(request: HttpRequest, case_id: UUID, refusal: Refusal) -> HttpResponse:
    if refusal.code == "wrong_code":
        wrong = _("This code is wrong or too old. Check the latest message, or ask for a new code.")
        return _ask_code(request, case_id, (ErrorItem(wrong, "#code"),))
    if refusal.code == "too_often":
        return shown.too_often(request, int(refusal.details.get("minutes", 60)))
    if refusal.code == "cant_send_code":
        return shown.notice(request, _no_address())
    raise refusal


def _no_address() -> Notice:
    return Notice(
        _("We have no address to send a code to"),
        (_("Use the 8-digit PIN that you wrote down when you sent the application."),),
        (Step(_("Enter the PIN"), addresses.of_tracker("track")),),
    )

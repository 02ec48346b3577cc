"""What an officer does to a case: act, ask, take back, note, take on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from loket.casework import actions as casework
from loket.casework import queries
from loket.casework.refusals import NothingAsked, ReasonToLook, Stale, TooLateToUndo
from loket.casework.types import ActionOffer, StaffCase
from loket.desk import words
from loket.desk.doors import WORKING, Done, at_desk, remember_done, shown
from loket.desk.views.case import known
from loket.kernel import clock
from loket.web import why
from loket.web.access import staff_member
from loket.web.words import language
from loket.workflow.definition import ReasonRule
from loket.workflow.engine import ActionNotAllowed, GivenReason, ReasonMissing, ReasonUnknown

_MOST_WORDS = 5000


@dataclass(frozen=True, slots=True)
class Typed:
    """What the officer chose and wrote; it survives every refusal."""

    revision: int
    reasons: tuple[str, ...] = ()
    words: str = ""
    message: str = ""
    questions: tuple[str, ...] = ()

    @property
    def reason(self) -> GivenReason:
        return GivenReason(self.reasons, self.words)


@at_desk(*WORKING)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """The page of one action. Any can be previewed as the applicant will read it; asking back always is."""
    if request.method != "POST":
        case = _opened(request, reference)
        return _form(request, case, _offer(case, action), Typed(case.revision), {})
    typed = _typed(request)
    if "back" in request.POST or "preview" in request.POST:
        return _before(request, reference, action, typed)
    try:
        event_id = casework.act(
            case_id=_case_id(request),
            action=action,
            revision=typed.revision,
            reason=typed.reason,
            message=typed.message,
            questions=typed.questions,
            staff=staff_member(request),
            now=clock.now(),
        )
    except Stale as stale:
        return _stale(request, reference, typed, stale)
    except (ReasonMissing, ReasonUnknown, NothingAsked, ActionNotAllowed) as refused:
        return _refused(request, reference, action, typed, refused)
    _offer_undo(request, reference, event_id)
    return HttpResponseRedirect(reverse("desk:worklist"))


@at_desk(*WORKING)
@require_POST
def undo(request: HttpRequest, event_id: UUID) -> HttpResponse:
    back = known(request.POST.get("reference", ""))
    remember_done(request, None)
    try:
        casework.undo(event_id=event_id, staff=staff_member(request), now=clock.now())
    except TooLateToUndo:
        messages.error(
            request, _("It was too late to take it back: the minute is over or the case moved on.")
        )
    else:
        messages.success(request, _("Taken back. Nothing was sent to the applicant."))
    return HttpResponseRedirect(reverse("desk:case", args=(back,)))


@at_desk(*WORKING)
@require_POST
def note(request: HttpRequest, reference: str) -> HttpResponse:
    casework.add_note(
        case_id=_case_id(request),
        text=request.POST.get("text", ""),
        staff=staff_member(request),
        now=clock.now(),
    )
    return _to_case(reference, "#timeline")


@at_desk(*WORKING)
@require_POST
def take(request: HttpRequest, reference: str) -> HttpResponse:
    casework.assign_to_self(case_id=_case_id(request), staff=staff_member(request), now=clock.now())
    messages.success(request, _("The case is yours now."))
    return _to_case(reference)


def _before(request: HttpRequest, reference: str, action: str, typed: Typed) -> HttpResponse:
    case = _opened(request, reference)
    offer = _offer(case, action)
    problems = _missing(offer, typed)
    if problems or "back" in request.POST:
        return _form(request, case, offer, typed, problems)
    if not offer.asks:
        return _previewed(request, case, offer, typed)
    labels = {question.id: question.label for question in case.askable}
    return shown(
        request,
        "preview",
        case=case,
        offer=offer,
        typed=typed,
        asked=[labels[name] for name in typed.questions if name in labels],
    )


def _previewed(request: HttpRequest, case: StaffCase, offer: ActionOffer, typed: Typed) -> HttpResponse:
    try:
        preview = casework.preview(
            case_id=case.id,
            action=offer.key,
            reason=typed.reason,
            staff=staff_member(request),
            now=clock.now(),
        )
    except (ReasonUnknown, ActionNotAllowed) as refused:
        return _refused(request, case.reference, offer.key, typed, refused)
    return shown(
        request,
        "preview_decision",
        case=case,
        offer=offer,
        typed=typed,
        shown=preview,
        outcome=words.told(words.OUTCOMES, preview.outcome) if preview.outcome else "",
        rules=why.shown(preview.decided),
    )


def _refused(
    request: HttpRequest, reference: str, action: str, typed: Typed, refused: Exception
) -> HttpResponse:
    case = _opened(request, reference)
    offer = next((found for found in case.actions if found.key == action), None)
    if offer is None or isinstance(refused, ActionNotAllowed):
        return _stale(request, reference, typed, None)
    return _form(request, case, offer, typed, _missing(offer, typed))


def _form(
    request: HttpRequest, case: StaffCase, offer: ActionOffer, typed: Typed, problems: Mapping[str, str]
) -> HttpResponse:
    status = 422 if problems else 200
    errors = [{"text": text, "href": f"#{field}"} for field, text in problems.items()]
    return shown(
        request,
        "act",
        status=status,
        case=case,
        offer=offer,
        typed=typed,
        problems=problems,
        errors=errors,
        needs_reason=offer.reason is ReasonRule.REQUIRED,
        may_reason=offer.reason is not ReasonRule.NONE,
    )


def _stale(request: HttpRequest, reference: str, typed: Typed, stale: Stale | None) -> HttpResponse:
    at = str(stale.details.get("at", "")) if stale else ""
    return shown(
        request,
        "stale",
        status=409,
        reference=reference,
        typed=typed,
        who=str(stale.details.get("by", "")) if stale else "",
        at=datetime.fromisoformat(at) if at else None,
    )


def _missing(offer: ActionOffer, typed: Typed) -> dict[str, str]:
    problems = {}
    if offer.reason is ReasonRule.REQUIRED and not (typed.reasons or typed.words.strip()):
        field = "reasons" if offer.reasons else "words"
        problems[field] = _("Say why: choose a reason or write one. The applicant reads it.")
    if offer.asks and not typed.message.strip():
        problems["message"] = _("Write what you need to know.")
    if offer.asks and not typed.questions:
        problems["questions"] = _("Choose at least one answer that the applicant may change.")
    return problems


def _typed(request: HttpRequest) -> Typed:
    sent = request.POST
    revision = sent.get("revision", "")
    return Typed(
        revision=int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
        reasons=tuple(str(value) for value in sent.getlist("reasons")),
        words=sent.get("words", "")[:_MOST_WORDS],
        message=sent.get("message", "")[:_MOST_WORDS],
        questions=tuple(str(value) for value in sent.getlist("questions")),
    )


def _opened(request: HttpRequest, reference: str) -> StaffCase:
    try:
        return casework.open_for_staff(
            reference=known(reference),
            reason="",
            staff=staff_member(request),
            now=clock.now(),
            language=language(),
        )
    except ReasonToLook as refused:
        # Looking with a reason gives no right to act.
        raise Http404 from refused


def _offer(case: StaffCase, action: str) -> ActionOffer:
    found = next((offer for offer in case.actions if offer.key == action), None)
    if found is None:
        raise Http404
    return found


def _offer_undo(request: HttpRequest, reference: str, event_id: UUID) -> None:
    offered = queries.undo_offer(event_id, staff_member(request), clock.now())
    if offered is None:
        remember_done(request, None)
        messages.success(request, _("Done: %(reference)s.") % {"reference": known(reference)})
    else:
        remember_done(request, Done(event_id, known(reference), offered.action, offered.until))


def _case_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("case", ""))
    except ValueError:
        raise Http404 from None


def _to_case(reference: str, part: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:case", args=(known(reference),)) + part)

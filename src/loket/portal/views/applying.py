"""Applying: the pages of a form, checking the answers, sending them, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup

from loket.applications import actions
from loket.applications.actions.saving import paper_pin
from loket.applications.bills import BillChanged, numbers_typed, problems_now
from loket.casework import queries as casework
from loket.casework.types import CaseStatus, Phase
from loket.forms.journey import Journey, JourneyPage
from loket.forms.types import Answers, Problem, Raw
from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from loket.kernel.refusals import Refusal
from loket.notifications import queries as notifications
from loket.portal import addresses, asking, cookies, doors, letting_go, pace, shown, telling_money, wording
from loket.portal.cookies import DraftCookie, Grant, Spoilt
from loket.portal.costs import Cost, cost_of
from loket.portal.doors import Filling, Place
from loket.portal.telling import ABOUT_MONEY
from loket.portal.telling_money import Bill
from loket.web.access import held, holder, public
from loket.web.forms import QuestionPage, check_rows, progress, question_page, read_raw
from loket.web.kept import hole
from loket.web.rows import rows_html
from loket.web.words import language, local_text

# In the address of a page whose bill is no longer as it was found.
_CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class AskingPage:
    """A question page with what surrounds it. `save` is empty while there is nothing to save."""

    question: QuestionPage
    save: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`rows` are ready-made, for all else is the same for everybody where nothing is to be paid."""

    service: str
    rows: Markup
    purpose: str
    kept_for: str
    agency: str
    save: str
    back: str
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class DonePage:
    """`pin` where there is no address to send news to. `due`: the day by which it is decided, or to be paid.
    `decision` is empty unless decided at once.

    `unpaid`: it begins when it is paid, and there is no promise yet.
    """

    service: str
    reference: str
    pin: str
    due: str
    stage: str
    says: str
    decision: str
    follow: str
    bills: tuple[Bill, ...]
    unpaid: bool


@holder(doors.filling)
@require_safe
def start(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    """To the first page with a gap."""
    filling = held(request, Filling)
    if filling.draft and filling.draft.reference:
        return HttpResponseRedirect(addresses.of_service("done", agency, service))
    return HttpResponseRedirect(_onwards(filling.place, filling.place.journey(filling.answers, clock.now())))


@public
@require_POST
def start_again(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    """Forgets this browser's draft; one that was neither sent nor saved is gone."""
    name = cookies.draft_name(agency, service)
    try:
        cookie = cookies.draft(request, name)
    except Spoilt:
        cookie = None
    if cookie is not None:
        letting_go.let_go(cookie.token, clock.now())
    response = HttpResponseRedirect(addresses.of_service("apply", agency, service))
    cookies.forget(response, name)
    return response


@holder(doors.answering)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, agency: str, service: str, page: str) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, held(request, Place), page)
    filling = held(request, Filling)
    if filling.draft and filling.draft.reference:
        return HttpResponseRedirect(addresses.of_service("done", agency, service))
    place, now = filling.place, clock.now()
    if page not in place.service.form.positions:
        raise Http404
    journey = place.journey(filling.answers, now)
    asked = journey.page(page)
    if asked is None or not journey.may_visit(page):
        return HttpResponseRedirect(_onwards(place, journey))
    problems = problems_now(place.service.form, filling.answers) if _CHANGED in request.GET else None
    return _ask(request, place, journey, asked, filling.answers, problems=problems)


@holder(doors.answering)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, held(request, Place))
    filling = held(request, Filling)
    if filling.draft and filling.draft.reference:
        return HttpResponseRedirect(addresses.of_service("done", agency, service))
    place = filling.place
    now = clock.now()
    journey = place.journey(filling.answers, now)
    if not journey.complete:
        return HttpResponseRedirect(_onwards(place, journey))

    def page_address(page_id: str) -> str:
        return addresses.of_page(agency, service, page_id, from_check=True)

    told = place.service.service
    page = CheckPage(
        service=local_text(told.title),
        rows=rows_html(check_rows(journey.rows, lambda row: page_address(row.page_id))),
        purpose=local_text(told.purpose),
        kept_for=wording.kept_for(told.retention),
        agency=place.agency.name(language()),
        save=addresses.of_service("save", agency, service),
        back=addresses.of_page(agency, service, journey.pages[-1].id),
        cost=cost_of(place.service, journey, place.context(now), page_address),
    )
    if page.cost is not None:
        return shown.page(request, "check", page, place.agency)
    blank = replace(page, rows=hole("rows"))
    return shown.kept_page(request, "check", blank, place.agency, blank, {"rows": page.rows})


@holder(doors.filling)
@require_safe
def done(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    filling = held(request, Filling)
    status = _sent(filling)
    if status is None or filling.draft is None:
        return HttpResponseRedirect(addresses.of_service("apply", agency, service))
    office = filling.place.agency
    bills = _bills(filling.place, status, clock.now())
    due = next((bill for bill in bills if bill.state == "open"), None)
    if due is not None and status.phase is Phase.UNPAID and status.can_receive_code:
        # Whoever has no address first needs the PIN, which stands on this page only.
        return HttpResponseRedirect(due.href)
    says = next((step.says for step in reversed(status.steps) if step.says), {})
    pin = "" if status.can_receive_code else paper_pin(filling.draft.id)
    page = DonePage(
        service=local_text(status.service_title),
        reference=status.reference,
        pin=f"{pin[:4]} {pin[4:]}".strip(),
        due=shown.day(office, status.due_at),
        stage=local_text(status.stage),
        says=local_text(says),
        decision=wording.outcome(status.outcome),
        follow=addresses.of_service("follow", agency, service),
        bills=bills,
        unpaid=status.phase is Phase.UNPAID,
    )
    if bills:
        return shown.page(request, "done", page, office)
    blank = replace(page, reference=hole("reference"), due=hole("due"), pin=page.pin and hole("pin"))
    fills = {"reference": page.reference, "due": page.due, "pin": page.pin}
    return shown.kept_page(request, "done", blank, office, blank, fills)


@holder(doors.filling)
@require_POST
def follow(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    """From the confirmation to the case's stage and dates, without typing the reference."""
    case_id = _sent_case(held(request, Filling))
    if case_id is None:
        return HttpResponseRedirect(addresses.of_service("apply", agency, service))
    response = HttpResponseRedirect(addresses.of_tracker("case"))
    cookies.keep_grant(response, Grant(case_id, full=False), clock.now())
    return response


def _answer(request: HttpRequest, place: Place, page: str) -> HttpResponse:
    now, token = clock.now(), place.cookie.token if place.cookie else None
    if not _may_answer(request, token, now):
        return shown.too_often(request)
    raw = read_raw(request.POST)
    if not pace.allows_bills(numbers_typed(place.service.form, raw), request, now):
        return shown.too_often(request)
    removed = asking.removed_in(raw)
    try:
        answered = actions.answer(
            token=token,
            service=place.service,
            page_id=page,
            raw=raw,
            files=asking.uploads_in(request),
            removed=removed,
            language=language(),
            by=APPLICANT,
            now=now,
        )
    except Refusal as refusal:
        return _refused(request, place, refusal)
    journey = place.journey(answered.answers, now)
    asked = journey.page(page)
    if "save" in request.POST and token and not (answered.problems and _typed(raw)):
        # What was typed on this page is kept too; a page left empty is no mistake yet.
        response: HttpResponse = HttpResponseRedirect(
            addresses.of_service("save", place.agency.key, place.service.service.key)
        )
    elif answered.done or asked is None:
        response = HttpResponseRedirect(_onwards(place, journey, _from_check(request)))
    elif answered.revealed and not answered.problems:
        again = addresses.of_page(
            place.agency.key, place.service.service.key, page, from_check=_from_check(request)
        )
        response = HttpResponseRedirect(again)
    else:
        typed = asking.typed_again(place.service.form, answered, asked, raw)
        # Whoever takes a file away has not made a mistake yet.
        problems = {} if removed else answered.problems
        response = _ask(request, place, journey, asked, answered.answers, typed, problems)
    if answered.token and answered.token != token:
        cookies.keep_draft(response, place.cookie_name, DraftCookie(place.service.version_id, answered.token))
    return response


def _typed(raw: Mapping[str, Raw]) -> bool:
    return any(value.strip() for fields in raw.values() for values in fields.values() for value in values)


def _ask(
    request: HttpRequest,
    place: Place,
    journey: Journey,
    asked: JourneyPage,
    answers: Answers,
    typed: Mapping[str, Raw] | None = None,
    problems: Mapping[str, Problem] | None = None,
) -> HttpResponse:
    agency, service = place.agency.key, place.service.service.key
    before = journey.previous(asked.id)
    if _from_check(request):
        back = addresses.of_service("check", agency, service)
    elif before is not None:
        back = addresses.of_page(agency, service, before)
    else:
        back = addresses.of_service("service", agency, service)
    page = AskingPage(
        question_page(
            asked,
            answers,
            caption=local_text(place.service.title),
            back=back,
            submitted=typed,
            problems=problems,
            centres=place.agency.open_centres,
            progress=progress(journey.pages, asked),
        ),
        addresses.of_service("save", agency, service) if place.cookie else "",
    )
    if not page.question.blank or request.GET.keys() - {"from"}:
        return shown.page(request, "question", page, place.agency)
    about = (place.service.content_hash, page.question.frame, page.save, notifications.offered_media())
    return shown.kept_page(request, "question", page, place.agency, about)


def _submit(request: HttpRequest, place: Place) -> HttpResponse:
    agency, service = place.agency.key, place.service.service.key
    if place.cookie is None:
        return HttpResponseRedirect(addresses.of_service("apply", agency, service))
    now = clock.now()
    try:
        actions.submit(token=place.cookie.token, language=language(), by=APPLICANT, now=now)
    except BillChanged as refusal:
        again = addresses.of_page(agency, service, refusal.page, from_check=True)
        return HttpResponseRedirect(f"{again}&{_CHANGED}=1")
    except Refusal as refusal:
        return _refused(request, place, refusal)
    return HttpResponseRedirect(addresses.of_service("done", agency, service))


def _refused(request: HttpRequest, place: Place, refusal: Refusal) -> HttpResponse:
    agency, service = place.agency.key, place.service.service.key
    if refusal.code == "no_such_draft":
        return doors.lost(request, agency, service)
    if refusal.code == "already_submitted":
        return HttpResponseRedirect(addresses.of_service("done", agency, service))
    if refusal.code == "not_complete":
        return HttpResponseRedirect(addresses.of_service("apply", agency, service))
    if refusal.code == "no_such_page":
        raise Http404
    raise refusal


def _bills(place: Place, status: CaseStatus, now: datetime) -> tuple[Bill, ...]:
    """No statement where nothing was ever asked for."""
    if not place.service.decisions.fees and not any(step.happened in ABOUT_MONEY for step in status.steps):
        return ()
    return telling_money.bills_of_case(status.case_id, now, knowing=True)


def _sent_case(filling: Filling) -> UUID | None:
    reference = filling.draft.reference if filling.draft else None
    return casework.case_of_reference(reference) if reference else None


def _sent(filling: Filling) -> CaseStatus | None:
    reference = filling.draft.reference if filling.draft else None
    return casework.status_of_reference(reference, clock.now()) if reference else None


def _onwards(place: Place, journey: Journey, from_check: bool = False) -> str:
    """The next page with a gap; where there is none, the answers to check."""
    agency, service = place.agency.key, place.service.service.key
    gap = journey.first_incomplete
    if gap is None:
        return addresses.of_service("check", agency, service)
    return addresses.of_page(agency, service, gap.id, from_check=from_check)


def _from_check(request: HttpRequest) -> bool:
    return request.GET.get("from") == "check"


def _may_answer(request: HttpRequest, token: str | None, now: datetime) -> bool:
    """A statement for whoever begins, one for whoever sends files, none for anybody else."""
    if token is None and not pace.allows(pace.NEW_DRAFTS, request, now):
        return False
    if request.FILES and not pace.allows(pace.UPLOADS, request, now):
        return False
    return token is None or pace.allows_answer(token)

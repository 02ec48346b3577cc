"""Answering what an agency asks back: just the questions it reopened, checked and sent as at first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from loket.casework import actions
from loket.casework import queries as casework
from loket.casework.replies import Reply
from loket.casework.types import ReplyPage
from loket.forms.types import Problem, Raw
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.portal import addresses, asking, doors, pace, shown
from loket.portal.doors import Following
from loket.web.access import held, holder
from loket.web.forms import CheckRow, QuestionPage, check_rows, question_page, read_raw
from loket.web.words import local_text


@dataclass(frozen=True, slots=True)
class ReplyAskingPage:
    """The officer's words, the reopened questions, and beside them what else stands on the page."""

    message: str
    question: QuestionPage
    stays: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class ReplyCheckPage:
    service: str
    message: str
    rows: tuple[CheckRow, ...]
    back: str


@holder(doors.knowing)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    reply = casework.open_reply(held(request, Following).case_id, clock.now())
    return HttpResponseRedirect(_onwards(reply) if reply else addresses.of_tracker("case"))


@holder(doors.knowing)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, page: str) -> HttpResponse:
    following, now = held(request, Following), clock.now()
    if request.method == "POST":
        return _answer(request, following, page)
    reply = casework.open_reply(following.case_id, now)
    if reply is None:
        return HttpResponseRedirect(addresses.of_tracker("case"))
    asked = reply.page(page)
    if asked is None:
        raise Http404
    return _ask(request, reply, asked)


@holder(doors.knowing)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    following, now = held(request, Following), clock.now()
    if request.method == "POST":
        return _send(request, following)
    reply = casework.open_reply(following.case_id, now)
    if reply is None:
        return HttpResponseRedirect(addresses.of_tracker("case"))
    if reply.first_gap is not None:
        return HttpResponseRedirect(addresses.of_reply_page(reply.first_gap))
    opened = {name for page in reply.pages for name in page.open}
    rows = [row for row in reply.journey.rows if row.question.id in opened]
    page = ReplyCheckPage(
        service=local_text(reply.service.title),
        message=reply.message,
        rows=check_rows(rows, lambda row: addresses.of_reply_page(row.page_id)),
        back=addresses.of_reply_page(reply.pages[-1].id),
    )
    return shown.page(request, "reply_check", page, reply.agency)


def _answer(request: HttpRequest, following: Following, page: str) -> HttpResponse:
    now = clock.now()
    if not _may_answer(request, following, now):
        return shown.too_often(request)
    raw = read_raw(request.POST)
    removed = asking.removed_in(raw)
    try:
        answered = actions.answer_reply_page(
            case_id=following.case_id,
            page_id=page,
            raw=raw,
            files=asking.uploads_in(request),
            removed=removed,
            now=now,
        )
    except Refusal as refusal:
        return _over(request, refusal)
    reply = casework.open_reply(following.case_id, now)
    asked = reply.page(page) if reply else None
    shown_page = reply.journey.page(page) if reply else None
    if answered.done or reply is None or asked is None or shown_page is None:
        return HttpResponseRedirect(_onwards(reply) if reply else addresses.of_tracker("case"))
    if answered.revealed and not answered.problems:
        return HttpResponseRedirect(addresses.of_reply_page(page))
    typed = asking.typed_again(reply.service.form, answered, shown_page, raw)
    return _ask(request, reply, asked, typed, {} if removed else answered.problems)


def _ask(
    request: HttpRequest,
    reply: Reply,
    asked: ReplyPage,
    typed: Mapping[str, Raw] | None = None,
    problems: Mapping[str, Problem] | None = None,
) -> HttpResponse:
    whole = reply.journey.page(asked.id)
    if whole is None:
        raise Http404
    opened = replace(whole, questions=tuple(one for one in whole.questions if one.id in asked.open))
    stays = [row for row in reply.journey.rows if row.question.id in asked.closed]
    page = ReplyAskingPage(
        reply.message,
        question_page(
            opened,
            reply.answers,
            caption=local_text(reply.service.title),
            back=addresses.of_tracker("case"),
            submitted=typed,
            problems=problems,
            centres=reply.agency.open_centres,
        ),
        check_rows(stays),
    )
    return shown.page(request, "reply", page, reply.agency)


def _send(request: HttpRequest, following: Following) -> HttpResponse:
    try:
        pin = actions.send_reply(case_id=following.case_id, now=clock.now())
    except Refusal as refusal:
        return _over(request, refusal)
    messages.success(request, _("Thank you. Your answer is with us, and we go on with your application."))
    if pin:
        messages.warning(
            request,
            _("We can’t send you codes any more. Write this PIN down beside your reference: %(pin)s")
            % {"pin": f"{pin[:4]} {pin[4:]}"},
        )
    return HttpResponseRedirect(addresses.of_tracker("case"))


def _over(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Nothing is asked any more, perhaps because it was answered in another tab; or a page was left open."""
    if refusal.code == "no_such_page":
        raise Http404
    if refusal.code == "not_asked":
        return HttpResponseRedirect(addresses.of_tracker("case"))
    if refusal.code == "reply_not_complete":
        return HttpResponseRedirect(addresses.of_tracker("reply"))
    raise refusal


def _may_answer(request: HttpRequest, following: Following, now: datetime) -> bool:
    if request.FILES and not pace.allows(pace.UPLOADS, request, now):
        return False
    return pace.allows_answer(str(following.case_id))


def _onwards(reply: Reply) -> str:
    gap = reply.first_gap
    return addresses.of_reply_page(gap) if gap else addresses.of_tracker("reply_check")

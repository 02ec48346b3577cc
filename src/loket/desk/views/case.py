"""One case: everything about it on one page, and its files."""

from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from loket.casework import actions as casework
from loket.casework.refusals import ReasonToLook
from loket.casework.types import Happened, Phase, StaffCase
from loket.desk import fates, words
from loket.desk.case_money import money_of
from loket.desk.doors import LOOKING, at_desk, shown
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.web import why
from loket.web.access import staff_member
from loket.web.forms import check_rows
from loket.web.words import language

_FILE_POLICY = "default-src 'none'; sandbox"


@at_desk(*LOOKING)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """The case. Whoever it isn't assigned to types a reason first, by POST, for each look."""
    try:
        case = casework.open_for_staff(
            reference=known(reference),
            reason=request.POST.get("reason", ""),
            staff=staff_member(request),
            now=clock.now(),
            language=language(),
        )
    except ReasonToLook:
        return ask_why(request, reference)
    return shown_case(request, case)


@at_desk(*LOOKING)
@require_http_methods(["GET", "POST"])
def download(request: HttpRequest, reference: str, file_id: UUID) -> HttpResponse:
    """Never inline: what people upload must not run on this origin, nor in a viewer of ours."""
    try:
        opened = casework.open_file_for_staff(
            reference=known(reference),
            file_id=file_id,
            reason=request.POST.get("reason", ""),
            staff=staff_member(request),
            now=clock.now(),
        )
    except ReasonToLook:
        return ask_why(request, reference)
    response = HttpResponse(opened.content, content_type=opened.ref.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(opened.ref.name, safe='')}"
    response["Content-Security-Policy"] = _FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def shown_case(request: HttpRequest, case: StaffCase, *, status: int = 200, **more: object) -> HttpResponse:
    now = clock.now()
    due = words.due(case.due_at, now, case.phase)
    return shown(
        request,
        "case",
        status=status,
        case=case,
        due=words.Due(words.told(words.OUTCOMES, case.outcome), "") if case.phase is Phase.CLOSED else due,
        rows=check_rows(case.rows),
        words=words,
        fates=fates,
        money=money_of(case, staff_member(request)),
        rules_told=why.shown,
        Happened=Happened,
        channel=words.told(words.CHANNELS, case.contact_channel),
        **more,
    )


def ask_why(request: HttpRequest, reference: str) -> HttpResponse:
    tried = request.method == "POST"
    return shown(request, "reason", reference=reference, tried=tried, status=422 if tried else 200)


def known(reference: str) -> str:
    """The reference as stored, however it was typed into the address."""
    found = normalised_reference(reference)
    if found is None:
        raise Http404
    return found

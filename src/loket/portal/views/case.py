"""A case as its applicant follows it: stage and dates, or after a code all of it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from loket.casework import queries as casework
from loket.casework.types import ApplicantCase, CaseStatus, PaperView, Phase
from loket.documents.types import Status
from loket.identity import queries as identity
from loket.identity.types import AgencyContact, AgencyView
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.portal import addresses, collecting, cookies, doors, shown, telling, telling_money, wording
from loket.portal.collecting import PickupWords
from loket.portal.doors import Following
from loket.portal.telling import Decision, Letter, Line, Look
from loket.portal.telling_money import Bill
from loket.web import why
from loket.web.access import held, holder
from loket.web.forms import CheckRow, check_rows
from loket.web.why import RuleShown
from loket.web.words import language, local_text

_UNTRUSTED = "default-src 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class FileLink:
    name: str
    href: str
    size_kb: int


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A document to download; a certificate has a number."""

    title: str
    href: str
    size_kb: int
    number: str
    withdrawn: bool
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agency asks back."""

    message: str
    asked_at: datetime
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """What a code or PIN opens."""

    decision: Decision | None
    asked: Asked | None
    rows: tuple[CheckRow, ...]
    files: tuple[FileLink, ...]
    papers: tuple[PaperLink, ...]
    letters: tuple[Letter, ...]
    looks: tuple[Look, ...]
    decided: tuple[RuleShown, ...]
    charged: tuple[RuleShown, ...]
    appeal: str
    choices: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """`phase` is `unpaid`, `open`, `waiting` or `closed`. `whole` is None until a code was used."""

    service: str
    reference: str
    agency: str
    phase: str
    stage: str
    says: str
    outcome: str
    granted: bool
    opened_at: datetime
    due_at: datetime
    late: bool
    closed_at: datetime | None
    answer_by: datetime | None
    lines: tuple[Line, ...]
    may_have_code: bool
    contact: AgencyContact
    whole: Whole | None
    pickup: PickupWords | None = None
    bills: tuple[Bill, ...] = ()


@holder(doors.following)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    following, now = held(request, Following), clock.now()
    found = casework.applicant_case(following.case_id, now) if following.full else None
    status = found.status if found else casework.case_status(following.case_id, now)
    if status is None:
        response = HttpResponseRedirect(addresses.of_tracker("track"))
        cookies.forget(response, cookies.CASE)
        return response
    agency = identity.agency_known(status.agency_id)
    whole = _whole(found) if found else None
    bills = telling_money.bills_of_case(status.case_id, now, knowing=following.full)
    page = _page(status, agency, whole, bills, now)
    return shown.page(request, "case", page, agency)


@holder(doors.knowing)
@require_safe
def download(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Never shown in place: nobody knows what a stranger put into it."""
    try:
        opened = casework.applicant_file(held(request, Following).case_id, file_id)
    except Refusal as refusal:
        if refusal.code == "file_missing":
            raise Http404 from None
        raise
    response = HttpResponse(opened.content, content_type=opened.ref.media_type)
    response["Content-Disposition"] = content_disposition_header(True, opened.ref.name) or "attachment"
    response["Content-Security-Policy"] = _UNTRUSTED
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _page(
    status: CaseStatus, agency: AgencyView, whole: Whole | None, bills: tuple[Bill, ...], now: datetime
) -> CasePage:
    return CasePage(
        service=local_text(status.service_title),
        reference=status.reference,
        agency=agency.name(language()),
        phase=status.phase.value,
        stage=local_text(status.stage),
        says=telling.latest_word(status),
        outcome=wording.outcome(status.outcome),
        granted=status.outcome == "granted",
        opened_at=status.opened_at,
        due_at=status.due_at,
        late=status.phase is Phase.OPEN and status.due_at < now,
        closed_at=status.closed_at,
        answer_by=status.answer_by,
        lines=telling.lines(status),
        may_have_code=status.can_receive_code,
        contact=agency.contact,
        whole=whole,
        bills=bills,
        pickup=collecting.in_words(status, agency, now),
    )


def _paper(paper: PaperView) -> PaperLink:
    entry = paper.entry
    return PaperLink(
        title=local_text(paper.title) or wording.paper(paper.kind),
        href=addresses.of_file(str(paper.file_id)),
        size_kb=max(1, round(paper.size / 1024)),
        number=entry.number if entry else "",
        withdrawn=entry is not None and entry.status is Status.REVOKED,
        expires_on=entry.expires_on if entry else None,
    )


def _whole(case: ApplicantCase) -> Whole:
    asked = case.inquiry
    letters = (telling.letter(message) for message in case.messages)
    return Whole(
        decision=telling.decision(case.decision),
        asked=Asked(asked.message, asked.asked_at, tuple(local_text(one) for one in asked.questions))
        if asked
        else None,
        rows=check_rows(case.rows),
        files=tuple(
            FileLink(ref.name, addresses.of_file(ref.id), max(1, round(ref.size / 1024)))
            for ref in case.files
        ),
        papers=tuple(_paper(paper) for paper in case.papers),
        letters=tuple(letter for letter in letters if letter is not None),
        looks=tuple(telling.look(record) for record in case.accesses),
        decided=why.shown(told for entry in case.timeline for told in entry.why.decided),
        charged=why.shown(told for entry in case.timeline for told in entry.why.charged),
        appeal=local_text(case.appeal),
        choices=case.choices,
    )

"""Making the documents of a case, and withdrawing and replacing those that were issued."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.applications.drafts import journey_context
from loket.casework import (
    announcing,
    certificates,
    paper_texts,
    papers,
    policies,
    reminding,
    sealing,
    timeline,
)
from loket.casework.models import CaseEvent, CasePaper
from loket.casework.paper_texts import About
from loket.casework.refusals import NoSuchCase
from loket.casework.types import PaperKind, ReminderKind
from loket.catalogue import queries as catalogue
from loket.documents import actions as documents
from loket.documents.types import WithdrawalReason
from loket.files import actions as files
from loket.files.types import OwnerKind
from loket.forms.journey import Journey
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import rows
from loket.kernel.actors import SYSTEM
from loket.kernel.prepared import Prepared
from loket.kernel.refusals import Refusal
from loket.kernel.text import in_language
from loket.payments import queries as payments
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey

PDF = "application/pdf"
# The document alone is locked: its case may be worked meanwhile.
_TO_MAKE = Prepared(
    lambda paper_id: (
        CasePaper.objects.select_for_update(of=("self",)).select_related("case").filter(id=paper_id)[:1]
    )
)
_log = logging.getLogger(__name__)


class NoSuchPaper(Refusal):
    """The case has no such document, or it is not one that can be withdrawn or made again."""

    code = "no_such_paper"


def make_paper(*, paper_id: UUID, now: datetime) -> bool:
    """Makes a document that was asked for; False where it is made or no longer wanted. Idempotent.

    What goes wrong is marked, so that staff sees it, and raised, so that the job tries again.
    """
    try:
        with transaction.atomic():
            return _make(paper_id, now)
    except Exception:
        CasePaper.objects.filter(id=paper_id, made_at=None).update(failed_at=now)
        raise


@transaction.atomic
def make_again(*, reference: str, paper_id: UUID, staff: StaffMember, now: datetime) -> None:
    """Tries once more to make a document that failed. Refuses NoSuchCase, NoSuchPaper."""
    paper = _paper(reference, paper_id, staff, supervisor=False)
    if paper.made_at is not None or paper.superseded_at is not None:
        raise NoSuchPaper()
    paper.failed_at = None
    paper.save(update_fields=["failed_at"])
    papers.make_later(paper.id)


@transaction.atomic
def withdraw(
    *, reference: str, paper_id: UUID, reason: WithdrawalReason, staff: StaffMember, now: datetime
) -> None:
    """A supervisor withdraws what was issued: from now on checking it says so.

    Refuses NoSuchCase, NoSuchPaper, NoSuchCertificate.
    """
    paper = _issued(reference, paper_id, staff)
    documents.revoke(number=paper.number, reason=reason, by=staff.actor, now=now)
    reminding.drop(case=paper.case, kind=ReminderKind.EXPIRY, now=now, document=paper.key)


@transaction.atomic
def reissue(*, reference: str, paper_id: UUID, staff: StaffMember, now: datetime) -> None:
    """A supervisor has a document made anew, as the answers are now; the old one counts as replaced.

    One that was withdrawn stays withdrawn and can be followed by a new one too. Refuses NoSuchCase,
    NoSuchPaper.
    """
    paper = _issued(reference, paper_id, staff)
    try:
        with transaction.atomic():
            documents.replace(number=paper.number, by=staff.actor, now=now)
    except documents.NoSuchCertificate:
        _log.info("reissued_after_withdrawal paper=%s", paper.id)
    paper.superseded_at = now
    paper.save(update_fields=["superseded_at"])
    papers.ask(paper.case_id, PaperKind.ISSUED, now=now, key=paper.key)


def _make(paper_id: UUID, now: datetime) -> bool:
    paper = _TO_MAKE.first(paper_id)
    if paper is None or paper.made_at or paper.superseded_at:
        return False
    case = paper.case
    if case.erased_at:
        return False
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    answers = sealing.answers_of(key, case, service)
    context = journey_context(agency, case.language, now)
    about = About(case, service, agency, Journey(service.form, answers, context), context, now)
    pdf = _issue(about, paper) if paper.kind == PaperKind.ISSUED else _written(about, paper, key)
    kept = files.store_made(
        owner_kind=OwnerKind.CASE,
        owner_id=case.id,
        key=key,
        name=file_name(about, paper),
        content=pdf,
        media_type=PDF,
        by=SYSTEM,
        now=now,
        agency_id=case.agency_id,
    )
    paper.file_id, paper.size, paper.made_at, paper.failed_at = kept.id, kept.size, now, None
    rows.update(paper, "file_id", "size", "made_at", "failed_at", "number")
    if paper.kind == PaperKind.ISSUED:
        announcing.announce_document(case, paper, now)
    return True


def file_name(about: About, paper: CasePaper) -> str:
    """What the document's file is called, in the applicant's language."""
    case, documents_of = about.case, about.service.service.documents
    with about.in_its_words():
        spec = documents_of.get(paper.key) if paper.kind == PaperKind.ISSUED else None
        title = in_language(spec.title, case.language) if spec else paper_texts.title(PaperKind(paper.kind))
    return f"{title} {paper.number or case.reference}.pdf"


def _issue(about: About, paper: CasePaper) -> bytes:
    order = certificates.order(about, paper.key)
    issued = documents.issue(order=order, by=SYSTEM, now=about.now)
    paper.number = issued.number
    if order.expires_on is not None:
        reminding.plan_expiry(
            case=about.case,
            service=about.service,
            agency=about.agency,
            document=paper.key,
            last_day=order.expires_on,
            now=about.now,
        )
    return issued.pdf


def _written(about: About, paper: CasePaper, key: DataKey) -> bytes:
    if paper.kind == PaperKind.SUBMISSION:
        letter = paper_texts.submission(about)
    elif paper.kind == PaperKind.RECEIPT:
        payment = payments.payment(UUID(paper.key))
        if payment is None or not payment.receipts:
            raise NoSuchPaper()
        letter = paper_texts.receipt(about, payment)
    else:
        events = CaseEvent.objects.filter(case=about.case, undone_at=None).select_related("inquiry")
        told = timeline.told(about.case, about.service, events.order_by("id"), key, staff=True, now=about.now)
        entry = next(one for one in told if one.event_id == UUID(paper.key))
        letter = paper_texts.decision(about, entry, tuple(why for one in told for why in one.why.decided))
    return documents.typeset(letter=letter)


def _paper(reference: str, paper_id: UUID, staff: StaffMember, *, supervisor: bool) -> CasePaper:
    paper = (
        CasePaper.objects.select_for_update(of=("self",))
        .select_related("case")
        .filter(id=paper_id, case__reference=reference, case__erased_at=None)
        .first()
    )
    may = policies.may_withdraw if supervisor else policies.may_work
    if paper is None or not may(staff, paper.case.agency_id, paper.case.team_id):
        raise NoSuchCase()
    return paper


def _issued(reference: str, paper_id: UUID, staff: StaffMember) -> CasePaper:
    paper = _paper(reference, paper_id, staff, supervisor=True)
    if paper.kind != PaperKind.ISSUED or not paper.number or paper.superseded_at is not None:
        raise NoSuchPaper()
    return paper

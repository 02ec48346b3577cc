"""The documents of a case: asking for them in the transaction that causes them, and listing them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from procrastinate.contrib.django import app

from loket.casework.models import Case, CaseEvent, CasePaper
from loket.casework.queues import SWIFT
from loket.casework.types import Happened, PaperKind, PaperView
from loket.catalogue.compiled import CompiledService
from loket.documents import queries as documents
from loket.documents.types import RegisterEntry
from loket.kernel import rows
from loket.kernel.ids import new_id
from loket.payments.events import PaymentReceived
from loket.payments.types import SubjectKind
from loket.workflow.definition import Final

MAKE_JOB = "casework.make_paper"


def ask(case_id: UUID, kind: PaperKind, *, now: datetime, key: str = "") -> None:
    """Has a document made, once however often it is asked for: a row and a job, in this transaction."""
    paper = CasePaper(id=new_id(), case_id=case_id, kind=kind, key=key, asked_at=now)
    if rows.insert_unless_there(paper):
        make_later(paper.id)


def make_later(paper_id: UUID) -> None:
    # By name, because the module of jobs imports the actions that call this.
    app.configure_task(MAKE_JOB, queue=SWIFT).defer(paper_id=str(paper_id))


def ask_after(case: Case, event: CaseEvent, service: CompiledService, now: datetime) -> None:
    """What every case gets: its application as it was sent, and a letter with the decision."""
    if event.happened == Happened.SUBMITTED:
        ask(case.id, PaperKind.SUBMISSION, now=now)
    if isinstance(service.workflow.stages.get(event.to_stage), Final):
        ask(case.id, PaperKind.DECISION, now=now, key=str(event.id))


def ask_receipt(payment: PaymentReceived) -> None:
    """A receipt for what was just paid, in the transaction that says so; a case that is gone gets none."""
    known = Case.objects.filter(id=payment.subject_id, erased_at=None)
    if payment.subject_kind is SubjectKind.CASE and known.exists():
        ask(payment.subject_id, PaperKind.RECEIPT, now=payment.paid_at, key=str(payment.payment_id))


def waiting(*, asked_before: datetime, failed_before: datetime, limit: int) -> tuple[UUID, ...]:
    """Documents that were asked for and are not made, though nothing was tried since then: no job is left.

    It was lost with its worker, or used up its tries while a disk was full. Where it waits after all, the
    second one finds the document made.
    """
    lost = CasePaper.objects.filter(
        Q(failed_at=None) | Q(failed_at__lt=failed_before),
        asked_at__lt=asked_before,
        made_at=None,
        superseded_at=None,
        case__erased_at=None,
    )
    return tuple(lost.order_by("asked_at").values_list("id", flat=True)[:limit])


def papers_of(case: Case, service: CompiledService) -> tuple[PaperView, ...]:
    """Oldest first; one statement, one more where there are certificates."""
    found = list(CasePaper.objects.filter(case=case).order_by("id"))
    entries = documents.entries(frozenset(row.number for row in found if row.number))
    return tuple(_view(row, service, entries.get(row.number)) for row in found)


def readable(papers: Iterable[PaperView]) -> tuple[PaperView, ...]:
    """Those an applicant is offered: made, and not superseded."""
    return tuple(paper for paper in papers if paper.file_id is not None and not paper.superseded)


def _view(row: CasePaper, service: CompiledService, entry: RegisterEntry | None) -> PaperView:
    spec = service.service.documents.get(row.key) if row.kind == PaperKind.ISSUED else None
    return PaperView(
        id=row.id,
        kind=PaperKind(row.kind),
        title=spec.title if spec else {},
        asked_at=row.asked_at,
        made_at=row.made_at,
        failed_at=row.failed_at,
        file_id=row.file_id,
        size=row.size,
        superseded=row.superseded_at is not None,
        entry=entry,
    )

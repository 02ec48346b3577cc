"""Sends the sample's requests and lets its staff work them, by the same actions as everybody, in the past."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO

from loket.applications import actions as applications
from loket.applications import queries as drafts
from loket.applications.drafts import journey_context
from loket.applications.types import Upload
from loket.casework import actions as casework
from loket.casework import queries as cases
from loket.casework.actions import UNDO_FOR
from loket.casework.types import IdKind, PaperKind, Proof
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample import fines
from loket.config.sample.requests import (
    BY_APPLICANT,
    BY_PAYER,
    BY_TIME,
    SampleRequest,
    Step,
    Transfer,
    sample_requests,
    sample_transfers,
)
from loket.documents.types import WithdrawalReason
from loket.forms.answering import answers_from_json, raw_of
from loket.forms.journey import Journey
from loket.forms.types import Answers, Raw
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.payments import actions as payments
from loket.payments.queries import payments_of
from loket.payments.types import SubjectKind
from loket.workflow.engine import GivenReason


def send_all(now: datetime, done: Callable[[], None]) -> int:
    """Sends every request and works it; says how many. `done` is called after each."""
    requests = sample_requests()
    for request in requests:
        _live_through(request, now)
        done()
    for transfer in sample_transfers():
        _arrive(transfer, now - timedelta(days=transfer.days_ago))
    return len(requests)


def fill_in(
    service: CompiledService,
    answers: Answers,
    *,
    language: str,
    now: datetime,
    files: Mapping[str, Callable[[], Upload]] | None = None,
) -> str:
    """Answers every page that shows, as a person would; the draft's token. Raises ValueError on a refusal."""
    agency = identity.agency_known(service.agency_id)
    token: str | None = None
    for _ in service.form.pages:
        view = drafts.draft(token, now) if token else None
        kept = view.answers if view else {}
        page = Journey(service.form, kept, journey_context(agency, language, now)).first_incomplete
        if page is None:
            break
        sent: dict[str, Sequence[Upload]] = {
            question.id: [files[question.id]()]
            for question in page.questions
            if files and question.id in files
        }
        answered = applications.answer(
            token=token,
            service=service,
            page_id=page.id,
            raw={question.id: raw_of(service.form, answers, question.id) for question in page.questions},
            files=sent,
            removed={},
            language=language,
            by=APPLICANT,
            now=now,
        )
        if answered.problems:
            raise ValueError(f"page {page.id} of {service.service.key}: {answered.problems}")
        token = answered.token
    if token is None:
        raise ValueError(f"{service.service.key} asks nothing")
    return token


def _live_through(request: SampleRequest, now: datetime) -> None:
    sent_at = request.sent_at(now)
    live = next(live for live in catalogue.all_live() if live.key == request.service)
    service = catalogue.compiled(live.version_id)
    token = fill_in(
        service,
        answers_from_json(service.form, request.stored_answers(service.form, sent_at.date())),
        language=request.language,
        now=sent_at,
        files={
            name: lambda path=path: Upload(path.name, BytesIO(path.read_bytes()))  # type: ignore[misc]
            for name, path in request.uploads.items()
        },
    )
    reference = applications.submit(
        token=token, language=request.language, by=APPLICANT, now=sent_at
    ).reference
    casework.settle(now=sent_at)
    at = sent_at
    for step in request.then:
        at = min(at + timedelta(days=step.after_days, hours=1), now)
        _do(step, reference, at)
        casework.settle(now=at + UNDO_FOR)
        _make_certificates(reference, at)


def _do(step: Step, reference: str, at: datetime) -> None:
    if step.by == BY_APPLICANT:
        _reply(reference, step, at)
    elif step.by == BY_PAYER:
        _pay(reference, step, at)
    elif step.by == BY_TIME:
        if not casework.time_out(case_id=cases.case_id(reference), now=at):
            raise ValueError(f"the time of {reference} has not run out")
    elif step.counter:
        _at_the_counter(reference, step, at)
    elif step.asks or step.gives_back:
        _handle_money(reference, step, at)
    elif step.withdraws:
        _withdraw(reference, step.by, step.withdraws, at)
    else:
        _act(reference, step, at)


def _act(reference: str, step: Step, at: datetime) -> None:
    staff = _staff(step.by)
    case = casework.open_for_staff(reference=reference, reason="", staff=staff, now=at)
    casework.assign_to_self(case_id=case.id, staff=staff, now=at)
    action = step.action or ""
    asks = any(offer.key == action and offer.asks for offer in case.actions)
    casework.act(
        case_id=case.id,
        action=action,
        revision=case.revision,
        reason=GivenReason((step.reason,) if step.reason else (), "" if asks else step.says),
        message=step.says if asks else "",
        questions=(step.about,) if asks else (),
        staff=staff,
        now=at,
    )


def _reply(reference: str, step: Step, at: datetime) -> None:
    case_id = cases.case_id(reference)
    reply = cases.open_reply(case_id, at)
    if reply is None:
        raise ValueError(f"nothing was asked about {reference}")
    for page in reply.pages:
        raw: dict[str, Raw] = {step.about: {"": (f"{reply.answers[step.about]} {step.says}",)}}
        casework.answer_reply_page(case_id=case_id, page_id=page.id, raw=raw, files={}, removed={}, now=at)
    casework.send_reply(case_id=case_id, now=at)


def _pay(reference: str, step: Step, at: datetime) -> None:
    """In cash: nothing leaves the house, and the receipt is numbered as any other."""
    for payment in payments_of(subject_kind=SubjectKind.CASE, subject_id=cases.case_id(reference)):
        payments.record_transfer(
            agency_id=payment.agency_id,
            reference=reference,
            amount=Money(step.pays, payment.amount.currency) if step.pays else payment.amount,
            transaction_id=f"T-{reference}",
            received_at=at,
            by=SYSTEM,
            now=at,
        )


def _handle_money(reference: str, step: Step, at: datetime) -> None:
    """What staff asks for besides the fee, or gives back of it."""
    staff, case_id = _staff(step.by), cases.case_id(reference)
    payment = payments_of(subject_kind=SubjectKind.CASE, subject_id=case_id)[0]
    currency = payment.amount.currency
    if step.asks:
        casework.ask_for_payment(
            case_id=case_id,
            what=step.says,
            amount=Money(step.asks, currency),
            request_id=new_id(),
            staff=staff,
            now=at,
        )
    if step.gives_back:
        casework.give_back(
            case_id=case_id,
            payment_id=payment.id,
            amount=Money(step.gives_back, currency),
            reason=step.says,
            request_id=new_id(),
            staff=staff,
            now=at,
        )


def _make_certificates(reference: str, at: datetime) -> None:
    """On the day they are from: their dates count. Letters are left to the worker."""
    for paper in cases.papers(cases.case_id(reference)):
        if paper.kind is PaperKind.ISSUED and paper.made_at is None:
            casework.make_paper(paper_id=paper.id, now=at)


def _withdraw(reference: str, by: str, reason: WithdrawalReason, at: datetime) -> None:
    for paper in cases.papers(cases.case_id(reference)):
        if paper.kind is PaperKind.ISSUED:
            casework.withdraw(reference=reference, paper_id=paper.id, reason=reason, staff=_staff(by), now=at)


def _arrive(transfer: Transfer, at: datetime) -> None:
    agency = identity.agency(transfer.agency)
    if agency is None:
        raise LookupError(f"the sample has no agency {transfer.agency!r}")
    payments.record_transfer(
        agency_id=agency.id,
        reference=transfer.reference,
        amount=Money(transfer.amount, fines.CURRENCY),
        transaction_id=transfer.number,
        received_at=at,
        by=SYSTEM,
        now=at,
    )


def _at_the_counter(reference: str, step: Step, at: datetime) -> None:
    staff, case_id = _staff(step.by), cases.case_id(reference)
    if step.counter == "arrived":
        casework.arrived(case_ids=(case_id,), staff=staff, now=at)
        return
    casework.hand_over(case_id=case_id, proof=Proof.ID_SEEN, id_kind=IdKind.PASSPORT, staff=staff, now=at)


def _staff(email: str) -> StaffMember:
    person = identity.person_by_email(email)
    staff = identity.staff_member(person.id) if person else None
    if staff is None:
        raise LookupError(f"the sample employs nobody with {email}")
    return staff

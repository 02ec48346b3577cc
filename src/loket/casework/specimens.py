"""Every message that people get about a service, with made-up values, as the letters write them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from babel.numbers import get_territory_currencies
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework import letters, money_letters, reminder_letters, stages
from loket.casework.models import Case, CaseEvent, Reminder
from loket.casework.money_told import MoneyTold
from loket.casework.types import Happened, LocalText, Phase, ReminderKind
from loket.catalogue.compiled import CompiledService
from loket.forms.kinds.bill.kind import BillQuestion
from loket.identity.types import AgencyView
from loket.kernel.centres import Centre
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.kernel.text import LANGUAGES
from loket.notifications.types import RenderedText
from loket.payments.types import PaymentState, PaymentView, RefundReason, SubjectKind
from loket.workflow.definition import Applicant, Automatic, Collect, Final, Review, Workflow

_REFERENCE, _RECEIPT, _PIN, _CODE, _TOKEN = "7K3P-2M9X", "2026-000123", "246813", "135792", "example"
_CODE_MINUTES = 15
_DAYS = timedelta(days=7)
_FIGURES = Decimal("1050.00")
_NOTHING: LocalText = {}


class Told(StrEnum):
    """On what occasion a message goes out."""

    SUBMITTED = "submitted"
    MOVED = "moved"
    ASKED = "asked"
    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    FEE_DUE = "fee_due"
    PAID = "paid"
    PAYMENT_ASKED = "payment_asked"
    MONEY_BACK = "money_back"
    LAPSED = "lapsed"
    PAID_ELSEWHERE = "paid_elsewhere"
    ARRIVED = "arrived"
    SENT_ON = "sent_on"
    COLLECTED = "collected"
    UNCOLLECTED = "uncollected"
    REMIND_UNPAID = "remind_unpaid"
    REMIND_ANSWER = "remind_answer"
    REMIND_UNCOLLECTED = "remind_uncollected"
    REMIND_EXPIRY = "remind_expiry"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A message as it would be sent; `stage` is the one it tells of, where it tells of one."""

    told: Told
    stage: LocalText
    text: RenderedText


@dataclass(frozen=True, slots=True)
class _Sample:
    """A case that nobody sent: never saved, and nothing of it is anybody's."""

    case: Case
    service: CompiledService
    agency: AgencyView
    now: datetime

    @property
    def money(self) -> Money:
        fees = self.service.service.fees
        # Where the service has no fee, an officer may ask for a payment all the same.
        usual = get_territory_currencies(self.agency.country or settings.COUNTRY)
        return Money(_FIGURES, fees[0].currency if fees else str(usual[0]) if usual else "USD")

    @property
    def payment(self) -> PaymentView:
        nothing = Money(Decimal(0), self.money.currency)
        return PaymentView(
            id=self.case.id,
            agency_id=self.agency.id,
            subject_kind=SubjectKind.CASE,
            subject_id=self.case.id,
            reference=_REFERENCE,
            title=self.service.title,
            lines=(),
            amount=self.money,
            received=nothing,
            outstanding=self.money,
            state=PaymentState.DUE,
            created_at=self.now,
            expires_at=self.now + _DAYS,
            token=_TOKEN,
        )


def languages_of(service: CompiledService) -> tuple[str, ...]:
    """The languages in which a person may apply, and so be written to."""
    return tuple(str(language) for language in LANGUAGES if language in service.service.languages)


def specimens(
    service: CompiledService, agency: AgencyView, language: str, now: datetime
) -> tuple[Specimen, ...]:
    """In the order in which a person would meet them. No statement."""
    case = Case(
        id=new_id(),
        reference=_REFERENCE,
        agency_id=agency.id,
        language=language,
        phase=Phase.OPEN,
        stage=service.workflow.start,
        stage_due_at=now + _DAYS,
    )
    sample = _Sample(case, service, agency, now)
    return (*_of_fees(sample), *_of_stages(sample), *_of_money(sample), *_of_reminders(sample), _code(sample))


def _of_stages(sample: _Sample) -> Iterator[Specimen]:
    """One for each way to each stage where a case comes to rest; a silent stage tells nobody."""
    workflow = sample.service.workflow
    seen = set()
    for told, come_from, to in _ways(workflow):
        for key in _rests(workflow, to):
            stage = workflow.stages[key]
            kind = Told.ASKED if told is Told.MOVED and isinstance(stage, Applicant) else told
            if stage.silent or (kind, key) in seen:
                continue
            seen.add((kind, key))
            event = CaseEvent(
                case=sample.case, happened=_HAPPENED[told], from_stage=come_from, to_stage=key, at=sample.now
            )
            yield Specimen(
                kind, stage.label, letters.stage_reached(sample.case, event, sample.service, sample.agency)
            )
            if isinstance(stage, Collect) and (Told.ARRIVED, key) not in seen:
                seen.add((Told.ARRIVED, key))
                yield from _at_counter(sample, stage)


def _ways(workflow: Workflow) -> Iterator[tuple[Told, str, str]]:
    """How a case gets from one stage to another: on what occasion, from where and where to."""
    yield Told.SUBMITTED, "", workflow.start
    for key, stage in workflow.stages.items():
        match stage:
            case Review():
                yield from ((Told.MOVED, key, action.to) for action in stage.actions.values())
            case Applicant():
                yield Told.ANSWERED, key, stage.returns_to
                if stage.on_timeout:
                    yield Told.TIMED_OUT, key, stage.on_timeout.to
            case Collect():
                yield Told.COLLECTED, key, stage.to
                if stage.on_timeout:
                    yield Told.UNCOLLECTED, key, stage.on_timeout.to
            case Automatic() | Final():
                pass


_HAPPENED = {
    Told.SUBMITTED: Happened.SUBMITTED,
    Told.MOVED: Happened.MOVED,
    Told.ANSWERED: Happened.ANSWERED,
    Told.TIMED_OUT: Happened.TIMED_OUT,
    Told.COLLECTED: Happened.COLLECTED,
    Told.UNCOLLECTED: Happened.TIMED_OUT,
}


def _rests(workflow: Workflow, start: str) -> Sequence[str]:
    """Where a case may come to rest that is sent to `start`: nothing stops in an automatic stage."""
    found, waiting, passed = [], [start], set()
    while waiting:
        key = waiting.pop(0)
        stage = workflow.stages[key]
        if not isinstance(stage, Automatic):
            found.append(key)
        elif key not in passed:
            passed.add(key)
            waiting += [choice.to for choice in stage.branches]
    return list(dict.fromkeys(found))


def _at_counter(sample: _Sample, stage: Collect) -> Iterator[Specimen]:
    case, service, agency = sample.case, sample.service, sample.agency
    centre: Centre | None = next(iter(agency.open_centres), None)
    yield Specimen(Told.SENT_ON, stage.label, letters.sent_on(case, service, agency, centre))
    yield Specimen(Told.ARRIVED, stage.label, letters.arrived(case, service, agency, centre, _PIN))


def _of_fees(sample: _Sample) -> Iterator[Specimen]:
    """What only a service with fees tells: before it is paid, and when it never was."""
    if not sample.service.service.fees:
        return
    case, service, agency = sample.case, sample.service, sample.agency
    yield Specimen(
        Told.FEE_DUE,
        stages.label_of(service, stages.AWAITING_PAYMENT),
        money_letters.fee_asked(case, service, agency, sample.payment),
    )
    for key in _rests(service.workflow, service.workflow.start):
        event = CaseEvent(case=case, happened=Happened.PAID, to_stage=key)
        told = MoneyTold(sample.money, receipt=_RECEIPT)
        letter = money_letters.money_came(case, event, service, agency, told)
        yield Specimen(Told.PAID, stages.label_of(service, key), letter)
    lapsed = money_letters.lapsed(case, service, agency)
    yield Specimen(Told.LAPSED, stages.label_of(service, stages.LAPSED_UNPAID), lapsed)
    if any(isinstance(question.definition, BillQuestion) for question in service.form.questions.values()):
        elsewhere = money_letters.paid_elsewhere(case, service, agency)
        yield Specimen(Told.PAID_ELSEWHERE, stages.label_of(service, stages.PAID_ELSEWHERE), elsewhere)


def _of_money(sample: _Sample) -> Iterator[Specimen]:
    case, service, agency = sample.case, sample.service, sample.agency
    with translation.override(case.language):
        what = _("(what the officer writes)")
    yield Specimen(
        Told.PAYMENT_ASKED, _NOTHING, money_letters.charge_asked(case, service, agency, sample.payment, what)
    )
    event = CaseEvent(case=case, happened=Happened.PAID, to_stage="")
    received = money_letters.money_came(
        case, event, service, agency, MoneyTold(sample.money, receipt=_RECEIPT)
    )
    yield Specimen(Told.PAID, _NOTHING, received)
    for why in (RefundReason.TOO_MUCH, RefundReason.PAID_TWICE, RefundReason.TOO_LATE, RefundReason.DECIDED):
        back = money_letters.money_goes_back(case, service, agency, MoneyTold(sample.money, why=why))
        yield Specimen(Told.MONEY_BACK, _NOTHING, back)


def _of_reminders(sample: _Sample) -> Iterator[Specimen]:
    service = sample.service
    if service.service.fees and service.service.payment.remind:
        yield _reminder(sample, Told.REMIND_UNPAID, ReminderKind.UNPAID)
    for stage in service.workflow.stages.values():
        if isinstance(stage, Applicant) and stage.within:
            yield _reminder(sample, Told.REMIND_ANSWER, ReminderKind.ANSWER_DUE, stage.label)
        if isinstance(stage, Collect) and stage.remind and stage.within:
            yield _reminder(sample, Told.REMIND_UNCOLLECTED, ReminderKind.UNCOLLECTED, stage.label)
    for place, wanted in enumerate(service.service.remind):
        title = service.service.documents[wanted.of].title
        yield _reminder(sample, Told.REMIND_EXPIRY, ReminderKind.EXPIRY, title, f"{place}:{wanted.of}")


def _reminder(
    sample: _Sample, told: Told, kind: ReminderKind, about: LocalText = _NOTHING, key: str = ""
) -> Specimen:
    row = Reminder(case=sample.case, kind=kind, about=key, due_at=sample.now, ends_at=sample.now + _DAYS)
    payment = sample.payment if kind is ReminderKind.UNPAID else None
    text = reminder_letters.written(sample.case, row, sample.service, sample.agency, payment)
    return Specimen(told, about, text)


def _code(sample: _Sample) -> Specimen:
    text = letters.one_time_code(sample.case, _CODE, _CODE_MINUTES, sample.case.language)
    return Specimen(Told.CODE, _NOTHING, text)

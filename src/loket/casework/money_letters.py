"""What casework writes about money: amounts, receipt numbers, where to pay; no answers, as in any letter."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.casework import stages
from loket.casework.models import Case, CaseEvent
from loket.casework.money_told import MoneyTold
from loket.casework.types import Happened, Phase
from loket.catalogue.compiled import CompiledService
from loket.identity.types import AgencyView
from loket.kernel.money import Money
from loket.kernel.text import in_language, marked
from loket.notifications.types import RenderedText
from loket.payments import queries as payments
from loket.payments.types import PaymentView, RefundReason, SubjectKind

_WHY: Mapping[str, str] = {
    RefundReason.TOO_MUCH: marked("It was more than was asked for."),
    RefundReason.PAID_TWICE: marked("It had been paid already."),
    RefundReason.TOO_LATE: marked("It came after the time to pay was over."),
    RefundReason.NOT_OWED: marked("It is not owed any more."),
    RefundReason.OTHER_CURRENCY: marked("It came in another currency than was asked for."),
    RefundReason.DECIDED: marked("The office decided to give it back."),
}


def fee_due(case: Case, service: CompiledService, agency: AgencyView) -> RenderedText | None:
    """For an application that waits for its fee. None where it was paid before this could be told."""
    payment = open_payment(case)
    if case.phase != Phase.UNPAID or payment is None or payment.expires_at is None:
        return None
    return fee_asked(case, service, agency, payment)


def fee_asked(case: Case, service: CompiledService, agency: AgencyView, payment: PaymentView) -> RenderedText:
    ends = _day(payment.expires_at, agency, case) if payment.expires_at else ""
    with translation.override(case.language):
        lines = [
            _("We have your application “%(title)s”. Your reference is %(reference)s."),
            _("It costs %(amount)s. Please pay by %(ends)s; then we begin. You can pay here:"),
            pay_address(payment, case.language),
        ]
        told = {"amount": _amount(payment.outstanding, case), "ends": ends}
        return _letter(case, service, agency, lines, told)


def money_came(
    case: Case, event: CaseEvent, service: CompiledService, agency: AgencyView, money: MoneyTold
) -> RenderedText:
    """The receipt's number, and where the payment began the case, what happens now."""
    with translation.override(case.language):
        lines = [
            _("Thank you. Your payment of %(amount)s for “%(title)s” (%(reference)s) has arrived."),
            _("Your receipt has the number %(receipt)s."),
        ]
        told = {"amount": _amount(money.amount, case), "receipt": money.receipt}
        if event.to_stage:
            lines.append(_("It is now: %(stage)s."))
            told["stage"] = in_language(stages.label_of(service, event.to_stage), case.language)
        lines += [_("Follow it here:"), track_address(case)]
        return _letter(case, service, agency, lines, told)


def money_goes_back(
    case: Case, service: CompiledService, agency: AgencyView, money: MoneyTold
) -> RenderedText:
    with translation.override(case.language):
        lines = [_("We give %(amount)s back to you that was paid for “%(title)s” (%(reference)s).")]
        if money.why in _WHY:
            lines.append(_(_WHY[money.why]))
        lines += [_("It goes back the way it came. This can take some days."), track_address(case)]
        return _letter(case, service, agency, lines, {"amount": _amount(money.amount, case)})


def payment_asked(
    case: Case, service: CompiledService, agency: AgencyView, money: MoneyTold
) -> RenderedText | None:
    """An officer asks for a payment. None where it is no longer asked for."""
    payment = open_payment(case)
    return charge_asked(case, service, agency, payment, money.what) if payment else None


def charge_asked(
    case: Case, service: CompiledService, agency: AgencyView, payment: PaymentView, what: str
) -> RenderedText:
    with translation.override(case.language):
        lines = [
            _("About “%(title)s” (%(reference)s) we ask you to pay %(amount)s for this: %(what)s"),
            _("You can pay here:"),
            pay_address(payment, case.language),
        ]
        told = {"amount": _amount(payment.outstanding, case), "what": what}
        return _letter(case, service, agency, lines, told)


def lapsed(case: Case, service: CompiledService, agency: AgencyView) -> RenderedText:
    with translation.override(case.language):
        lines = [
            _(
                "The payment for “%(title)s” (%(reference)s) did not come in time, so we closed your "
                "application. You may apply again."
            ),
            _("If you have paid all the same, the money goes back to you."),
            track_address(case),
        ]
        return _letter(case, service, agency, lines, {})


def paid_elsewhere(case: Case, service: CompiledService, agency: AgencyView) -> RenderedText:
    with translation.override(case.language):
        lines = [
            _(
                "What you wanted to pay with “%(title)s” (%(reference)s) was paid with another application. "
                "You don’t need to pay it again, so we closed this one."
            ),
            _("If you have paid all the same, the money goes back to you."),
            track_address(case),
        ]
        return _letter(case, service, agency, lines, {})


def told_of(
    case: Case, event: CaseEvent, service: CompiledService, agency: AgencyView, money: MoneyTold
) -> RenderedText | None:
    """The letter for an event about money. None where the timeline alone tells of it."""
    if event.happened == Happened.PAYMENT_LAPSED:
        return None
    if event.happened == Happened.PAID:
        return money_came(case, event, service, agency, money)
    if event.happened == Happened.RETURNED:
        return money_goes_back(case, service, agency, money)
    return payment_asked(case, service, agency, money)


def open_payment(case: Case) -> PaymentView | None:
    """The latest that is still to be paid."""
    found = [
        one for one in payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id) if one.is_open
    ]
    return max(found, key=lambda one: one.created_at, default=None)


def pay_address(payment: PaymentView, language: str) -> str:
    return f"{settings.PUBLIC_ADDRESS}/{language}/pay/{payment.token}/"


def track_address(case: Case) -> str:
    return f"{settings.PUBLIC_ADDRESS}/{case.language}/track/?reference={case.reference}"


def _letter(
    case: Case, service: CompiledService, agency: AgencyView, lines: list[str], told: Mapping[str, str]
) -> RenderedText:
    named = {"title": in_language(service.title, case.language), "reference": case.reference, **told}
    written = [line if line.startswith(settings.PUBLIC_ADDRESS) else line % named for line in lines]
    return RenderedText(
        subject=_("%(title)s: %(reference)s") % named,
        body="\n".join([*written, "", agency.name(case.language)]),
        language=case.language,
    )


def _amount(money: Money, case: Case) -> str:
    """KES 1,050.00, with a plain space: any other sign would make a text message cost double."""
    exact = money.rounded()
    digits = max(0, -int(exact.amount.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{exact.currency} {format_decimal(exact.amount, pattern, locale=case.language)}"


def _day(moment: datetime, agency: AgencyView, case: Case) -> str:
    return format_datetime(moment.astimezone(ZoneInfo(agency.timezone)), "d MMMM y", locale=case.language)

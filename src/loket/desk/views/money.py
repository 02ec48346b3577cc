"""The money of one case: asking for some, its link for the payer, cash at the counter, giving back."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from loket.casework import actions as casework
from loket.casework import policies
from loket.casework.refusals import NotPayable, ReasonToLook
from loket.casework.types import StaffCase
from loket.desk.case_money import currency_of, money_of
from loket.desk.doors import WORKING, at_desk, shown
from loket.desk.views.case import known
from loket.desk.words import way_called
from loket.identity import queries as identity
from loket.identity.types import Role
from loket.kernel import clock
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments import queries as payments
from loket.payments.actions import NumberUsed
from loket.payments.types import PaymentView, SubjectKind
from loket.web.access import staff_member
from loket.web.qr import qr_code
from loket.web.words import language

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """What the officer wrote; it survives every refusal. Sent twice, `request_id` makes it one."""

    request_id: str
    amount: str = ""
    words: str = ""
    slip: str = ""


@at_desk(*WORKING)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Asks the applicant for a payment besides the fee."""
    case = _opened(request, reference)
    if not money_of(case, staff_member(request)).may_ask:
        raise Http404
    currency = _currency(case)
    if request.method != "POST":
        return _form(request, "ask_payment", case, Typed(str(new_id())), {}, currency=currency)
    typed = _typed(request)
    amount, problems = _amount(typed.amount, currency), {}
    if not typed.words.strip():
        problems["words"] = _("Write what it is for. The applicant reads it.")
    if amount is None:
        problems["amount"] = _("Write an amount above zero, such as 250 or 250.50.")
    if problems or amount is None:
        return _form(request, "ask_payment", case, typed, problems, currency=currency)
    try:
        payment_id = casework.ask_for_payment(
            case_id=case.id,
            what=typed.words,
            amount=amount,
            request_id=_as_id(typed.request_id),
            staff=staff_member(request),
            now=clock.now(),
        )
    except NotPayable as refused:
        field = "amount" if refused.details.get("field") == "amount" else "words"
        problems = {field: _("That can't be asked for. Check the amount and the words.")}
        return _form(request, "ask_payment", case, typed, problems, currency=currency)
    messages.success(request, _("Asked. The applicant is told, and can pay by this link."))
    return HttpResponseRedirect(reverse("desk:payment", args=(case.reference, payment_id)))


@at_desk(*WORKING)
@require_safe
def link(request: HttpRequest, reference: str, payment_id: UUID) -> HttpResponse:
    """A payment's link and code, to print or show to whoever stands at the counter."""
    case = _opened(request, reference)
    payment = _payment(case, payment_id)
    with translation.override(case.language):
        told = translation.gettext("Scan this code with your phone to pay.")
    address = f"{settings.PUBLIC_ADDRESS}/{case.language}/pay/{payment.token}/"
    return shown(
        request,
        "payment",
        case=case,
        payment=payment,
        address=address,
        told=told,
        is_open=payment.is_open,
        code=qr_code(address, _("Link to this payment")),
    )


@at_desk(*WORKING)
@require_http_methods(["GET", "HEAD", "POST"])
def cash(request: HttpRequest, reference: str, payment_id: UUID) -> HttpResponse:
    """What somebody pays over the counter; the till's number keeps it from being counted twice."""
    case = _opened(request, reference)
    payment = _payment(case, payment_id)
    owed = payment.outstanding.amount
    if request.method != "POST":
        typed = Typed(str(new_id()), amount=str(owed) if owed else "")
        return _form(request, "cash", case, typed, {}, payment=payment, currency=payment.amount.currency)
    typed = _typed(request)
    amount, problems = _amount(typed.amount, payment.amount.currency), {}
    if amount is None:
        problems["amount"] = _("Write an amount above zero, such as 250 or 250.50.")
    if not typed.slip.strip():
        problems["slip"] = _("Write the number of the till's slip.")
    if problems or amount is None:
        return _form(
            request, "cash", case, typed, problems, payment=payment, currency=payment.amount.currency
        )
    try:
        casework.take_cash(
            case_id=case.id,
            payment_id=payment.id,
            amount=amount,
            slip=typed.slip,
            staff=staff_member(request),
            now=clock.now(),
        )
    except NumberUsed:
        problems["slip"] = _("Other money was recorded under this number before. Look at the slip again.")
        return _form(
            request, "cash", case, typed, problems, payment=payment, currency=payment.amount.currency
        )
    messages.success(request, _("The money is recorded."))
    return HttpResponseRedirect(f"{reverse('desk:case', args=(case.reference,))}#money")


@at_desk(Role.SUPERVISOR)
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, reference: str, payment_id: UUID) -> HttpResponse:
    """A supervisor gives back what was paid, or a part of it."""
    case = _opened(request, reference)
    payment = _payment(case, payment_id)
    if not money_of(case, staff_member(request)).may_give_back or not payment.receipts:
        raise Http404
    more = {"payment": payment, "currency": payment.amount.currency, "way": way_called(payment)}
    if request.method != "POST":
        typed = Typed(str(new_id()), amount=str(payment.received.amount))
        return _form(request, "give_back", case, typed, {}, **more)
    typed = _typed(request)
    amount, problems = _amount(typed.amount, payment.amount.currency), {}
    if amount is None or payment.received < amount:
        problems["amount"] = _("Write an amount above zero, and not more than was paid.")
    if not typed.words.strip():
        problems["words"] = _("Write why. It is kept on record.")
    if problems or amount is None:
        return _form(request, "give_back", case, typed, problems, **more)
    try:
        casework.give_back(
            case_id=case.id,
            payment_id=payment.id,
            amount=amount,
            reason=typed.words,
            request_id=_as_id(typed.request_id),
            staff=staff_member(request),
            now=clock.now(),
        )
    except Refusal as refused:
        if refused.code != "nothing_to_refund":
            raise
        wrong = {"amount": _("So much is not there any more: some went back already.")}
        return _form(request, "give_back", case, typed, wrong, **more)
    messages.success(request, _("The money goes back. The applicant is told."))
    return HttpResponseRedirect(f"{reverse('desk:case', args=(case.reference,))}#money")


def _form(
    request: HttpRequest,
    template: str,
    case: StaffCase,
    typed: Typed,
    problems: dict[str, str],
    **more: object,
) -> HttpResponse:
    errors = [{"text": text, "href": f"#{field}"} for field, text in problems.items()]
    return shown(
        request,
        template,
        status=422 if problems else 200,
        case=case,
        typed=typed,
        problems=problems,
        errors=errors,
        **more,
    )


def _opened(request: HttpRequest, reference: str) -> StaffCase:
    try:
        case = casework.open_for_staff(
            reference=known(reference),
            reason="",
            staff=staff_member(request),
            now=clock.now(),
            language=language(),
        )
    except ReasonToLook as refused:
        raise Http404 from refused
    if case.agency_id not in policies.counters(staff_member(request)):
        raise Http404
    return case


def _payment(case: StaffCase, payment_id: UUID) -> PaymentView:
    found = payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)
    payment = next((one for one in found if one.id == payment_id), None)
    if payment is None:
        raise Http404
    return payment


def _typed(request: HttpRequest) -> Typed:
    sent = request.POST
    return Typed(
        request_id=sent.get("request", "")[:36],
        amount=sent.get("amount", "")[:30].strip(),
        words=sent.get("words", "")[:_LONGEST],
        slip=sent.get("slip", "")[:60].replace("\0", ""),
    )


def _amount(typed: str, currency: str) -> Money | None:
    """None for what is no amount above zero, exact to the currency's smallest coin."""
    try:
        figures = Decimal(typed.replace(" ", "").replace("\N{NO-BREAK SPACE}", ""))
    except InvalidOperation:
        return None
    if not figures.is_finite() or not 0 < figures < 10**9:
        return None
    money = Money(figures, currency)
    return money.rounded() if money.rounded().amount == figures else None


def _currency(case: StaffCase) -> str:
    """That of an earlier payment of the case, else of the country."""
    found = payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)
    if found:
        return found[0].amount.currency
    return currency_of(identity.agency_known(case.agency_id).country)


def _as_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

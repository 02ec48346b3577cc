"""Paying: what for and how much, the way to pay, and how it stands. Nothing the browser sends is believed."""

from dataclasses import dataclass

import phonenumbers
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from loket.applications import queries as applications
from loket.casework import queries as casework
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message
from loket.payments import actions
from loket.payments import queries as payments
from loket.payments.registry import Instructed, Prompted, Redirected, Started
from loket.payments.types import AttemptState, AttemptView, PaymentView
from loket.portal import addresses, cookies, doors, pace, shown, telling_money
from loket.portal.telling_money import Bill, Way
from loket.web.access import held, holder
from loket.web.forms import ErrorItem
from loket.web.policy import PAYING_POLICY
from loket.web.words import language

# Drafts of this browser that are looked through for the one that is paid for.
_OWN_DRAFTS = 5


@dataclass(frozen=True, slots=True)
class PayPage:
    """`ways` is empty where there is nothing to pay. `chosen` and `phone` are what was typed before.

    `begins`: nobody looks at the application before this is paid. `receipt` is the receipt to download, for
    whoever may see all of the case; a link to pay is not enough.
    """

    bill: Bill
    ways: tuple[Way, ...]
    chosen: str
    phone: str
    tried: bool
    begins: bool
    own: str
    receipt: str = ""
    errors: tuple[ErrorItem, ...] = ()


@dataclass(frozen=True, slots=True)
class HowPage:
    """What somebody who pays outside has to do."""

    bill: Bill
    steps: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Between paying and knowing. `on_phone`: the person has something to confirm there."""

    bill: Bill
    on_phone: bool
    looked: bool
    again: str


@holder(doors.paying)
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """What is to be paid; POST begins. Paid or over, it says so: the link stays good for looking."""
    payment = held(request, PaymentView)
    if request.method != "POST":
        return _ask(request, payment)
    now = clock.now()
    if not pace.allows(pace.PAYMENTS, request, now):
        return shown.too_often(request)
    typed = request.POST.get("phone", "")[:40]
    ways = payments.ways_to_pay(payment.outstanding)
    chosen = request.POST.get("way", "") or (ways[0].key if len(ways) == 1 else "")
    way = next((one for one in ways if one.key == chosen), None)
    if way is None:
        wrong = _("Choose how you want to pay")
        return _ask(request, payment, typed, errors=(ErrorItem(wrong, "#way"),))
    phone = _number(typed, identity.agency_known(payment.agency_id)) if way.asks_phone else ""
    if way.asks_phone and not phone:
        wrong = _("Enter a mobile phone number, such as 0712 345 678")
        return _ask(request, payment, typed, chosen, errors=(ErrorItem(wrong, "#phone"),))
    try:
        started = actions.begin(
            payment_id=payment.id, provider=way.key, language=language(), phone=phone, now=now
        )
    except Refusal as refusal:
        return _refused(request, payment, refusal, typed, chosen)
    return _onwards(request, payment, started)


@holder(doors.paying)
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, token: str) -> HttpResponse:
    """Until the provider has spoken. POST asks it now; without scripts the page looks again by itself."""
    payment = held(request, PaymentView)
    latest = _latest(payment)
    if latest is None or latest.state is not AttemptState.STARTED or not telling_money.may_be_paid(payment):
        return HttpResponseRedirect(addresses.of_payment("pay", token))
    looked = request.method == "POST"
    if looked:
        now = clock.now()
        if not pace.allows(pace.PAYMENTS, request, now):
            return shown.too_often(request)
        actions.check_attempt(attempt_id=latest.id, now=now)
        return HttpResponseRedirect(f"{addresses.of_payment('pay_waiting', token)}?looked=1")
    page = WaitingPage(
        bill=telling_money.bill(payment, clock.now()),
        on_phone=any(
            way.asks_phone and way.key == latest.provider for way in payments.ways_to_pay(latest.amount)
        ),
        looked="looked" in request.GET,
        again=addresses.of_payment("pay", token),
    )
    return shown.page(request, "pay_waiting", page, identity.agency_known(payment.agency_id))


@holder(doors.paying)
@require_safe
def back(request: HttpRequest, token: str, provider: str) -> HttpResponse:
    """From the provider's page. Whatever else stands in the address, the provider is asked how it went."""
    now = clock.now()
    if not pace.allows(pace.PAYMENTS, request, now):
        return shown.too_often(request)
    query = {name: request.GET.get(name, "")[:300] for name in list(request.GET)[:20]}
    actions.come_back(provider=provider, query=query, now=now)
    payment = payments.payment(held(request, PaymentView).id)
    if payment is None:
        raise Http404
    latest = _latest(payment)
    undecided = telling_money.may_be_paid(payment) and latest and latest.state is AttemptState.STARTED
    return HttpResponseRedirect(addresses.of_payment("pay_waiting" if undecided else "pay", token))


def _ask(
    request: HttpRequest,
    payment: PaymentView,
    phone: str = "",
    chosen: str = "",
    errors: tuple[ErrorItem, ...] = (),
) -> HttpResponse:
    now = clock.now()
    latest = _latest(payment)
    may_be_paid = telling_money.may_be_paid(payment, now)
    page = PayPage(
        bill=telling_money.bill(payment, now),
        ways=telling_money.ways(payment) if may_be_paid else (),
        chosen=chosen,
        phone=phone,
        tried=may_be_paid and latest is not None and latest.state is AttemptState.FAILED,
        begins=may_be_paid and payment.subject_id is not None and casework.waits_for_fee(payment.subject_id),
        own=_own_application(request, payment),
        receipt=_receipt(request, payment),
        errors=errors,
    )
    agency = identity.agency_known(payment.agency_id)
    response = shown.page(request, "pay", page, agency)
    response["Content-Security-Policy"] = PAYING_POLICY
    return response


def _onwards(request: HttpRequest, payment: PaymentView, started: Started) -> HttpResponse:
    if isinstance(started, Redirected):
        return HttpResponseRedirect(started.url)
    if isinstance(started, Prompted):
        return HttpResponseRedirect(addresses.of_payment("pay_waiting", payment.token))
    assert isinstance(started, Instructed)
    page = HowPage(telling_money.bill(payment, clock.now()), started.says)
    return shown.page(request, "pay_how", page, identity.agency_known(payment.agency_id))


def _refused(
    request: HttpRequest, payment: PaymentView, refusal: Refusal, phone: str, chosen: str
) -> HttpResponse:
    if refusal.code == "too_often":
        latest = _latest(payment)
        if phone and latest is not None and latest.state is AttemptState.STARTED:
            # The phone was asked a moment ago: once is enough.
            return HttpResponseRedirect(addresses.of_payment("pay_waiting", payment.token))
        return shown.too_often(request)
    if refusal.code == "not_owed":
        return HttpResponseRedirect(addresses.of_payment("pay", payment.token))
    wrong = _("This way to pay does not answer just now. Nothing was paid. Try again, or choose another way.")
    return _ask(request, payment, phone, chosen, errors=(ErrorItem(wrong, "#way"),))


def _own_application(request: HttpRequest, payment: PaymentView) -> str:
    """The confirmation of this very application, where it was sent from this browser; else empty."""
    now = clock.now()
    for _name, cookie in cookies.drafts(request, most=_OWN_DRAFTS):
        draft = applications.draft(cookie.token, now)
        if draft and draft.reference == payment.reference and draft.agency_id == payment.agency_id:
            service = catalogue.compiled(draft.version_id).service
            return addresses.of_service("done", service.agency, service.key)
    return ""


def _receipt(request: HttpRequest, payment: PaymentView) -> str:
    grant = cookies.grant(request, clock.now())
    if not payment.receipts or grant is None or not grant.full or grant.case_id != payment.subject_id:
        return ""
    file_id = casework.receipt_file(grant.case_id, payment.id)
    return addresses.of_file(str(file_id)) if file_id else ""


def _latest(payment: PaymentView) -> AttemptView | None:
    return max(payment.attempts, key=lambda attempt: attempt.started_at, default=None)


def _number(typed: str, agency: AgencyView) -> str:
    """In E.164; empty where it can't be a telephone number. Without a prefix it is one of the country."""
    try:
        number = phonenumbers.parse(typed, agency.country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

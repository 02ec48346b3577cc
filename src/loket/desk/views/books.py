"""An office's money beside its cases: transfers nobody knows, refunds to make by hand, the day's report."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from loket.casework import policies
from loket.desk import words
from loket.desk.case_money import currency_of
from loket.desk.doors import WORKING, at_desk, own_agency, shown
from loket.identity.types import AgencyView, Role, StaffMember
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments import actions
from loket.payments import queries as payments
from loket.payments.types import Reconciliation
from loket.web.access import staff_member

BOOKKEEPING = (Role.SUPERVISOR, Role.ADMINISTRATOR)
AT_THE_TILL = (*WORKING, Role.ADMINISTRATOR)
# Beyond them a day has no moments in every time zone.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(9000, 1, 1)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS: dict[str, tuple[str, Callable[[Reconciliation], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", payments.reconciliation_csv),
    "xlsx": (_XLSX, payments.reconciliation_xlsx),
}


@at_desk(*AT_THE_TILL)
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """What the office has to see to, and the day's report for whoever keeps the books."""
    member = staff_member(request)
    agency = own_agency(member)
    keeps = agency.id in policies.books(member)
    day = _day(request, agency)
    return shown(
        request,
        "books",
        works=agency.id in policies.counters(member),
        keeps=keeps,
        unmatched=payments.unmatched(agency.id),
        by_hand=payments.refunds_by_hand(agency.id) if keeps else (),
        day=day,
        report=payments.reconciliation(agency.id, day) if keeps else None,
        words=words,
        currency=currency_of(agency.country),
    )


@at_desk(*WORKING)
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """A transfer or cash, by the reference written on it."""
    agency, sent = _at_counter(request), request.POST
    amount = _amount(sent.get("amount", ""), sent.get("currency", ""))
    reference = normalised_reference(sent.get("reference", "")) or sent.get("reference", "")[:60].strip()
    slip = sent.get("slip", "")[:60].replace("\0", "").strip()
    if amount is None or not slip:
        messages.error(request, _("Write the amount and the number of the slip or transfer."))
        return _back()
    try:
        found = actions.record_transfer(
            agency_id=agency.id,
            reference=reference.replace("\0", ""),
            amount=amount,
            transaction_id=slip,
            received_at=clock.now(),
            by=staff_member(request).actor,
            now=clock.now(),
        )
    except actions.NumberUsed:
        messages.error(
            request, _("Other money was recorded under this number before. Look at the slip again.")
        )
        return _back()
    if found:
        messages.success(request, _("Recorded, and matched with its payment."))
    else:
        messages.warning(request, _("Recorded. No payment has this reference: it waits below to be matched."))
    return _back()


@at_desk(*WORKING)
@require_POST
def match(request: HttpRequest, money_id: UUID) -> HttpResponse:
    """Gives money that nobody knew to the payment of a reference."""
    agency = _at_counter(request)
    if payments.agency_of_money(money_id) != agency.id:
        raise Http404
    typed = request.POST.get("reference", "")[:60].replace("\0", "")
    found = payments.open_to_match(agency.id, normalised_reference(typed) or typed)
    payment = next((one for one in found if one.is_open), None) or next(iter(found), None)
    if payment is None:
        messages.error(request, _("No payment of your agency has this reference."))
        return _back()
    try:
        actions.match_transfer(
            money_id=money_id, payment_id=payment.id, by=staff_member(request).actor, now=clock.now()
        )
    except Refusal:
        messages.error(request, _("Somebody has dealt with this money already."))
    else:
        messages.success(request, _("Matched with %(reference)s.") % {"reference": payment.reference})
    return _back()


@at_desk(Role.SUPERVISOR)
@require_POST
def send_back(request: HttpRequest, money_id: UUID) -> HttpResponse:
    """Money whose purpose nobody could find out goes back."""
    agency = _at_counter(request)
    if payments.agency_of_money(money_id) != agency.id or agency.id not in policies.books(
        staff_member(request)
    ):
        raise Http404
    try:
        actions.return_transfer(money_id=money_id, by=staff_member(request).actor, now=clock.now())
    except Refusal:
        messages.error(request, _("Somebody has dealt with this money already."))
    else:
        messages.success(request, _("It goes back, and is listed below until somebody has sent it."))
    return _back()


@at_desk(*BOOKKEEPING)
@require_POST
def done_by_hand(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Somebody in the office has given the money back."""
    member = staff_member(request)
    agency = own_agency(member)
    if payments.agency_of_refund(refund_id) != agency.id or agency.id not in policies.books(member):
        raise Http404
    try:
        actions.refund_done_by_hand(refund_id=refund_id, by=member.actor, now=clock.now())
    except Refusal:
        messages.error(request, _("This was done already."))
    else:
        messages.success(request, _("Noted: the money went back."))
    return _back()


@at_desk(*BOOKKEEPING)
@require_safe
def report(request: HttpRequest, day: str, kind: str) -> HttpResponse:
    """The day's report as a file."""
    member = staff_member(request)
    agency = own_agency(member)
    if agency.id not in policies.books(member) or kind not in _WRITERS:
        raise Http404
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if not _FIRST_DAY <= chosen <= _LAST_DAY:
        raise Http404
    media_type, write = _WRITERS[kind]
    response = HttpResponse(write(payments.reconciliation(agency.id, chosen)), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{agency.key}-{chosen}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _at_counter(request: HttpRequest) -> AgencyView:
    member: StaffMember = staff_member(request)
    agency = own_agency(member)
    if agency.id not in policies.counters(member):
        raise Http404
    return agency


def _day(request: HttpRequest, agency: AgencyView) -> date:
    """The day asked for; else yesterday, the last whole one, where the office is."""
    today = clock.now().astimezone(ZoneInfo(agency.timezone)).date()
    try:
        return max(_FIRST_DAY, min(date.fromisoformat(request.GET.get("day", "")[:10]), today))
    except ValueError:
        return today - timedelta(days=1)


def _amount(typed: str, currency: str) -> Money | None:
    try:
        figures = Decimal(typed.strip()[:30].replace(" ", ""))
    except InvalidOperation:
        return None
    if not figures.is_finite() or not 0 < figures < 10**9 or not currency.isalpha() or len(currency) != 3:
        return None
    money = Money(figures, currency.upper())
    return money.rounded() if money.rounded().amount == figures else None


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:books"))

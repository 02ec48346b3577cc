"""Reads: payments as payers and staff see them, ways to pay, and what the office has to see to."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from loket.kernel.money import Money
from loket.payments import marks, reporting, viewing
from loket.payments.models import Disagreement, MoneyIn, ParkedNotice, Payment, Refund
from loket.payments.offering import offered_for
from loket.payments.registry import Asks
from loket.payments.types import (
    MoneyStanding,
    MoneyView,
    ParkedView,
    PaymentView,
    Reconciliation,
    RefundReason,
    RefundState,
    RefundView,
    SubjectKind,
    WayToPay,
)

_NOTHING = Decimal(0)
_MANY = 500


def payment(payment_id: UUID) -> PaymentView | None:
    """1 statement."""
    return next(iter(viewing.views(Payment.objects.filter(id=payment_id))), None)


def by_token(token: str) -> PaymentView | None:
    """The payment whose page a token opens, or None for a token that nobody gave out."""
    payment_id = marks.payment_of_token(token)
    return payment(payment_id) if payment_id else None


def payments_of(*, subject_kind: SubjectKind, subject_id: UUID) -> tuple[PaymentView, ...]:
    """All that was asked for a subject, oldest first (1 statement)."""
    return viewing.views_of(subject_kind.value, subject_id)


def token_of_fee(*, agency_id: int, reference: str) -> str | None:
    """What opens the page of the first payment asked for with a case's reference (1 statement)."""
    asked = Payment.objects.filter(
        agency_id=agency_id, reference=reference, subject_kind=SubjectKind.CASE.value
    )
    first = asked.order_by("id").values_list("id", flat=True).first()
    return token_of(first) if first else None


def token_of(payment_id: UUID) -> str:
    """What opens the payment's page. No statement."""
    return marks.token_of(payment_id)


def ways_to_pay(amount: Money) -> tuple[WayToPay, ...]:
    """The providers that take this amount here, in the order of choice. No statement."""
    return tuple(
        WayToPay(provider.key, provider.label, provider.asks is Asks.PHONE)
        for provider in offered_for(amount)
    )


def unmatched(agency_id: int) -> tuple[MoneyView, ...]:
    """Transfers whose payment nobody knows, oldest first (1 statement; the first 500)."""
    rows = MoneyIn.objects.filter(agency_id=agency_id, payment__isnull=True, returned=0).order_by("id")
    return tuple(
        MoneyView(
            id=row.id,
            agency_id=row.agency_id,
            provider=row.provider,
            transaction_id=said_id(row),
            reference=row.reference,
            amount=Money(row.amount, row.currency).rounded(),
            received_at=row.received_at,
        )
        for row in rows[:_MANY]
    )


def refunds_by_hand(agency_id: int) -> tuple[RefundView, ...]:
    """What somebody in the office has to give back, oldest first (1 statement; the first 500)."""
    rows = _refunds(Q(money__agency_id=agency_id, state__in=[RefundState.BY_HAND, RefundState.FAILED]))
    return tuple(_refund(row) for row in rows[:_MANY])


def open_to_match(agency_id: int, reference: str) -> tuple[PaymentView, ...]:
    """The payments of an agency that a reference names, for matching a transfer (at most 20; 1 statement)."""
    found = Payment.objects.filter(agency_id=agency_id, reference=reference.strip()).order_by("id")[:20]
    return viewing.views(Payment.objects.filter(id__in=found.values("id")))


def agency_of_refund(refund_id: UUID) -> int | None:
    """Whose office makes this refund (1 statement)."""
    return Refund.objects.filter(id=refund_id).values_list("money__agency_id", flat=True).first()


def agency_of_money(money_id: UUID) -> int | None:
    """Whose office this money came to (1 statement)."""
    return MoneyIn.objects.filter(id=money_id).values_list("agency_id", flat=True).first()


def parked() -> tuple[ParkedView, ...]:
    """What providers told of tries that nobody knows, oldest first (1 statement; the first 500)."""
    rows = ParkedNotice.objects.filter(heeded_at__isnull=True).order_by("id")
    return tuple(
        ParkedView(
            id=row.pk,
            provider=row.provider,
            provider_ref=row.provider_ref,
            transaction_id=row.transaction_id,
            amount=Money(row.amount, row.currency).rounded() if row.amount is not None else None,
            standing=row.standing,
            parked_at=row.parked_at,
            times=row.times,
        )
        for row in rows[:_MANY]
    )


def standing(now: datetime) -> MoneyStanding:
    """For whoever watches the whole (2 statements)."""
    lately = Disagreement.objects.filter(found_at__gte=now - timedelta(days=7))
    return MoneyStanding(lately.count(), ParkedNotice.objects.filter(heeded_at__isnull=True).count())


def reconciliation(agency_id: int, day: date) -> Reconciliation:
    """The agency's money on one day of its own time zone, with where the providers disagree."""
    return reporting.reconciliation(agency_id, day)


def reconciliation_csv(report: Reconciliation) -> bytes:
    """The report as a spreadsheet program opens it: UTF-8 with its mark, every cell quoted."""
    return reporting.as_csv(report)


def reconciliation_xlsx(report: Reconciliation) -> bytes:
    """The report as a workbook: the entries, and the sums on a sheet of their own."""
    return reporting.as_xlsx(report)


def said_id(row: MoneyIn) -> str:
    """A transaction's name as the bank or till gave it."""
    return row.transaction_id.removeprefix(f"{row.agency_id}:")


def _refunds(which: Q) -> QuerySet[Refund]:
    return Refund.objects.filter(which).select_related("money__payment").order_by("id")


def _refund(row: Refund) -> RefundView:
    return RefundView(
        id=row.id,
        payment_id=row.money.payment_id,
        provider=row.money.provider,
        transaction_id=said_id(row.money),
        reference=row.money.payment.reference if row.money.payment else row.money.reference,
        amount=Money(row.amount, row.currency).rounded(),
        reason=RefundReason(row.reason),
        state=RefundState(row.state),
        created_at=row.created_at,
        ended_at=row.ended_at,
        trouble=row.trouble,
    )

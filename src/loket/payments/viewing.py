"""Payments as payers and staff see them: all that is known of them in one statement."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from loket.kernel.money import Money
from loket.kernel.prepared import Prepared
from loket.payments import marks
from loket.payments.models import Attempt, MoneyIn, Payment, Receipt, Refund
from loket.payments.types import (
    OPEN,
    AttemptState,
    AttemptView,
    Line,
    PaymentState,
    PaymentView,
    ReceiptView,
    RefundReason,
    RefundState,
    RefundView,
    SubjectKind,
)

_NOTHING = Decimal(0)
_PIECES = MoneyIn.objects.filter(payment=OuterRef("pk")).values(
    told=JSONObject(amount="amount", returned="returned", currency="currency")
)
_RECEIPTS = Receipt.objects.filter(payment=OuterRef("pk")).values(
    told=JSONObject(number="number", amount="amount", provider="provider", at="issued_at")
)
_REFUNDS = (
    Refund.objects.filter(money__payment=OuterRef("pk"))
    .order_by("id")
    .values(
        told=JSONObject(
            id="id",
            provider=F("money__provider"),
            transaction_id=F("money__transaction_id"),
            amount="amount",
            currency="currency",
            reason="reason",
            state="state",
            created_at="created_at",
            ended_at="ended_at",
            trouble="trouble",
        )
    )
)
_ATTEMPTS = (
    Attempt.objects.filter(payment=OuterRef("pk"))
    .order_by("id")
    .values(
        told=JSONObject(
            id="id",
            provider="provider",
            state="state",
            amount="amount",
            currency="currency",
            started_at="started_at",
            ended_at="ended_at",
            reason="reason",
        )
    )
)


def views(payments: QuerySet[Payment]) -> tuple[PaymentView, ...]:
    """Oldest first. Exactly 1 statement, however many there are."""
    return tuple(_view(row) for row in _whole(payments))


def views_of(subject_kind: str, subject_id: UUID) -> tuple[PaymentView, ...]:
    """Those of one subject, for pages that many people open. Exactly 1 statement."""
    return tuple(_view(row) for row in _OF_SUBJECT.all(subject_id, subject_kind))


def _whole(payments: QuerySet[Payment]) -> QuerySet[Any]:
    rows: QuerySet[Any] = payments.annotate(
        pieces=ArraySubquery(_PIECES),
        given=ArraySubquery(_RECEIPTS),
        back=ArraySubquery(_REFUNDS),
        tries=ArraySubquery(_ATTEMPTS),
    )
    return rows.order_by("id")


_OF_SUBJECT: Prepared[Any] = Prepared(
    lambda subject_id, subject_kind: _whole(
        Payment.objects.filter(subject_id=subject_id, subject_kind=subject_kind)
    )
)


def _view(row: Any) -> PaymentView:
    state, owed = PaymentState(row.state), _money(row.amount, row.currency)
    ours = [piece for piece in row.pieces if piece["currency"] == row.currency]
    returned = sum((Decimal(str(piece["returned"])) for piece in ours), _NOTHING)
    kept = sum((Decimal(str(piece["amount"])) for piece in ours), _NOTHING) - returned
    return PaymentView(
        id=row.id,
        agency_id=row.agency_id,
        subject_kind=SubjectKind(row.subject_kind),
        subject_id=row.subject_id,
        reference=row.reference,
        title=row.title,
        lines=tuple(Line(line["label"], _money(line["amount"], line["currency"])) for line in row.lines),
        amount=owed,
        received=_money(kept, row.currency),
        outstanding=_money(row.amount - kept if state in OPEN else _NOTHING, row.currency),
        state=state,
        created_at=row.created_at,
        expires_at=row.expires_at,
        token=marks.token_of(row.id),
        bill_id=row.bill_id,
        paid_at=row.paid_at,
        receipts=tuple(_receipt(given, row.currency) for given in row.given),
        refunded=_money(returned, row.currency) if returned else None,
        attempts=tuple(_attempt(tried) for tried in row.tries),
        refunds=tuple(_refund(back, row) for back in row.back),
    )


def _attempt(tried: Mapping[str, Any]) -> AttemptView:
    return AttemptView(
        id=UUID(tried["id"]),
        provider=tried["provider"],
        state=AttemptState(tried["state"]),
        amount=_money(tried["amount"], tried["currency"]),
        started_at=datetime.fromisoformat(tried["started_at"]),
        ended_at=_moment(tried["ended_at"]),
        reason=tried["reason"],
    )


def _receipt(given: Mapping[str, Any], currency: str) -> ReceiptView:
    at = datetime.fromisoformat(given["at"])
    return ReceiptView(given["number"], _money(given["amount"], currency), at, given["provider"])


def _refund(back: Mapping[str, Any], row: Any) -> RefundView:
    return RefundView(
        id=UUID(back["id"]),
        payment_id=row.id,
        provider=back["provider"],
        transaction_id=back["transaction_id"].removeprefix(f"{row.agency_id}:"),
        reference=row.reference,
        amount=_money(back["amount"], back["currency"]),
        reason=RefundReason(back["reason"]),
        state=RefundState(back["state"]),
        created_at=datetime.fromisoformat(back["created_at"]),
        ended_at=_moment(back["ended_at"]),
        trouble=back["trouble"],
    )


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _money(amount: object, currency: str) -> Money:
    return Money(Decimal(str(amount)), currency).rounded()

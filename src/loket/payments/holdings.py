"""What payments holds about people: what was asked of them and what they paid, by the case it was for."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.money import Money
from loket.payments import queries
from loket.payments.models import Payment
from loket.payments.types import PaymentView
from loket.payments.types import SubjectKind as PaidFor
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind


def _find(clue: Clue) -> tuple[Subject, ...]:
    """Payments know cases by id; who holds the cases finds them."""
    return ()


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    if subject.kind is not SubjectKind.CASE:
        return
    told = [
        _told(payment) for payment in queries.payments_of(subject_kind=PaidFor.CASE, subject_id=subject.id)
    ]
    if told:
        content = json.dumps(told, ensure_ascii=False, indent=2).encode()
        yield Copy("payments.json", "application/json", content)


def _told(payment: PaymentView) -> dict[str, object]:
    return {
        "for": dict(payment.title),
        "amount": _amount(payment.amount),
        "state": payment.state.value,
        "asked_at": payment.created_at.isoformat(),
        "parts": [{"label": dict(line.label), "amount": _amount(line.amount)} for line in payment.lines],
        "received": _amount(payment.received),
        "receipts": [
            {"number": receipt.number, "amount": _amount(receipt.amount), "at": receipt.paid_at.isoformat()}
            for receipt in payment.receipts
        ],
        "tries": [
            {"with": attempt.provider, "state": attempt.state.value, "at": attempt.started_at.isoformat()}
            for attempt in payment.attempts
        ],
        "refunds": [
            {
                "amount": _amount(refund.amount),
                "reason": refund.reason.value,
                "state": refund.state.value,
                "at": refund.created_at.isoformat(),
            }
            for refund in payment.refunds
        ],
    }


def _amount(money: Money) -> str:
    return f"{money.amount} {money.currency}"


@transaction.atomic
def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    """Takes away whose payments they were and what they were made of: a waiver can tell of poverty.

    The amounts, receipts and refunds stay, as the law on public money wants.
    """
    erased = 0
    for row in _rows(subject).select_for_update():
        row.subject_id, row.bill_id, row.reference, row.lines = None, None, "", []
        row.key, row.erased_at = f"erased:{row.id}", now
        row.save(update_fields=["subject_id", "bill_id", "reference", "lines", "key", "erased_at"])
        for money in row.money.exclude(reference=""):
            money.reference = ""
            money.save(update_fields=["reference"])
        audit.record("payment.erased", by=by, about=f"payment:{row.id}", now=now)
        erased += 1
    return erased


def _count(subject: Subject) -> int:
    return _rows(subject).count()


def _rows(subject: Subject) -> QuerySet[Payment]:
    if subject.kind is not SubjectKind.CASE:
        return Payment.objects.none()
    return Payment.objects.filter(subject_id=subject.id, subject_kind=PaidFor.CASE.value)


def register() -> None:
    register_holding(Holding("payments", _find, _export, _erase, _count))

"""Asking for money, and asking no more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from loket.audit import actions as audit
from loket.kernel import events
from loket.kernel.actors import SYSTEM, Actor
from loket.kernel.money import Money
from loket.payments import ledger, settling
from loket.payments.events import PaymentLapsed
from loket.payments.hearing import again_after_deadlock
from loket.payments.ledger import Account
from loket.payments.models import Payment
from loket.payments.types import OPEN, CloseReason, Line, LocalText, PaymentState, SubjectKind


def ask(
    *,
    agency_id: int,
    subject_kind: SubjectKind,
    subject_id: UUID,
    key: str,
    reference: str,
    title: LocalText,
    lines: Sequence[Line],
    expires_at: datetime | None,
    bill_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Asks for the sum of the lines, which must be above zero and of one currency. 1 statement.

    Idempotent by `key`, made of ids only: asking again gives the same payment and changes nothing. The
    caller's transaction decides whether it was asked at all.
    """
    total = Money(lines[0].amount.amount * 0, lines[0].amount.currency)
    for line in lines:
        total += line.amount
    if total.rounded().amount <= 0:
        raise ValueError("nobody is asked for nothing")
    row = Payment(
        agency_id=agency_id,
        subject_kind=subject_kind.value,
        subject_id=subject_id,
        bill_id=bill_id,
        key=key,
        reference=reference,
        title=dict(title),
        lines=[
            {"label": dict(line.label), "amount": str(line.amount.amount), "currency": line.amount.currency}
            for line in lines
        ],
        amount=total.rounded().amount,
        currency=total.currency,
        created_at=now,
        expires_at=expires_at,
    )
    return _inserted(row)


@again_after_deadlock
@transaction.atomic
def close(*, payment_id: UUID, reason: CloseReason, by: Actor, now: datetime) -> PaymentState:
    """Asks no more: what is held goes back, and so does whatever still comes. How the payment then stands.

    One that is paid stays paid, and one that is closed stays closed: neither is changed.
    """
    payment = settling.locked(payment_id)
    if PaymentState(payment.state) in OPEN:
        _close(payment, settling.account_of(payment), reason, by, now)
    return PaymentState(payment.state)


@again_after_deadlock
@transaction.atomic
def expire(*, payment_id: UUID, now: datetime) -> bool:
    """Asks no more where the time to pay is over, and publishes that; False where it is not. Idempotent."""
    payment = settling.locked(payment_id)
    over = payment.expires_at is not None and payment.expires_at <= now
    if not over or PaymentState(payment.state) not in OPEN:
        return False
    account = settling.account_of(payment)
    _close(payment, account, CloseReason.LAPSED, SYSTEM, now)
    if payment.subject_id is not None:
        events.publish(
            PaymentLapsed(
                payment_id=payment.id,
                subject_kind=SubjectKind(payment.subject_kind),
                subject_id=payment.subject_id,
                amount=account.outstanding.rounded(),
                lapsed_at=now,
            )
        )
    return True


def _close(payment: Payment, before: Account, reason: CloseReason, by: Actor, now: datetime) -> None:
    payment.closed_at, payment.closed_reason = now, reason.value
    audit.record("payment.closed", by=by, about=f"payment:{payment.id}", now=now, reason=reason.value)
    settling.perform(payment, before, ledger.closed(before), by=by, now=now)


def _inserted(row: Payment) -> UUID:
    """Inserts the row, or finds the one whose key it has: Django's own insert can't tell which."""
    fields = Payment._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Payment._meta.db_table}" ({columns}) VALUES ({places}) '  # noqa: S608
            "ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key RETURNING id",
            values,
        )
        payment_id: UUID = cursor.fetchone()[0]
    return payment_id

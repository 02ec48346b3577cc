"""Writes down what the ledger decides: in one transaction the money, the receipt, what goes back, the events.

Whoever calls holds the payment's lock. Jobs and events stand and fall with the transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app

from loket.audit import actions as audit
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel import events
from loket.kernel.actors import Actor
from loket.kernel.money import Money
from loket.payments import ledger
from loket.payments.events import MoneyReturned, PaymentReceived
from loket.payments.ledger import Account, Outcome, Piece, Return
from loket.payments.models import Attempt, Bill, MoneyIn, Payment, Receipt, Refund
from loket.payments.types import AttemptState, PaymentState, SubjectKind

QUEUE = "payments"
PAY_BACK_JOB = "payments.pay_back"
_PREFIX_LENGTH = 3
_NEXT_NUMBER = """
INSERT INTO payments_receiptcounter AS counter (agency_id, year, last) VALUES (%s, %s, 1)
ON CONFLICT (agency_id, year) DO UPDATE SET last = counter.last + 1 RETURNING last
"""


def locked(payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends. Every change to its money starts here.

    The bill it is for is locked first: of two who pay the same bill, the second waits, and then finds its own
    payment closed.
    """
    list(
        Bill.objects.select_for_update().filter(
            id__in=Payment.objects.filter(id=payment_id).values("bill_id")
        )
    )
    return Payment.objects.select_for_update().get(id=payment_id)


def account_of(payment: Payment) -> Account:
    """1 statement."""
    return Account(
        Money(payment.amount, payment.currency).rounded(),
        PaymentState(payment.state),
        tuple(_piece(row) for row in MoneyIn.objects.filter(payment=payment).order_by("taken_at", "id")),
    )


def take_in(payment: Payment, money: MoneyIn, *, by: Actor, now: datetime) -> bool:
    """Takes new money in for the payment. False, and nothing changes, where this very money came before."""
    account = account_of(payment)
    money.payment = payment
    try:
        with transaction.atomic():
            money.save(force_insert=True)
    except IntegrityError:
        if not MoneyIn.objects.filter(provider=money.provider, transaction_id=money.transaction_id).exists():
            raise
        return False
    assign(payment, account, money, by=by, now=now)
    return True


def assign(payment: Payment, account: Account, money: MoneyIn, *, by: Actor, now: datetime) -> None:
    """Says what becomes of money that is stored already and untouched so far."""
    audit.record(
        "payment.money_came", by=by, about=f"payment:{payment.id}", now=now,
        money=str(money.id), provider=money.provider, amount=str(money.amount), currency=money.currency,
    )  # fmt: skip
    perform(payment, account, ledger.arrived(account, _piece(money)), by=by, now=now, provider=money.provider)


def perform(
    payment: Payment,
    before: Account,
    outcome: Outcome,
    *,
    by: Actor,
    now: datetime,
    provider: str = "",
    request_id: UUID | None = None,
) -> None:
    """Writes an outcome down and publishes what follows from it."""
    _write_pieces(before.pieces, outcome.account.pieces)
    payment.state = outcome.account.state.value
    if outcome.account.state is PaymentState.PAID and before.state is not PaymentState.PAID:
        payment.paid_at = now
    payment.save(update_fields=["state", "paid_at", "closed_at", "closed_reason"])
    if payment.state in (PaymentState.PAID, PaymentState.CLOSED):
        _end_outside_attempts(payment, now)
    if outcome.receipt:
        _give_receipt(payment, provider, by=by, now=now)
    give_back(payment, outcome.returns, by=by, now=now, request_id=request_id)


def give_back(
    payment: Payment | None,
    returns: Iterable[Return],
    *,
    by: Actor,
    now: datetime,
    request_id: UUID | None = None,
) -> None:
    """Plans refunds and the jobs that make them; tells the payer's side."""
    for planned in returns:
        refund = Refund.objects.create(
            money_id=planned.piece_id,
            amount=planned.amount.amount,
            currency=planned.amount.currency,
            reason=planned.reason.value,
            from_receipt=planned.from_receipt,
            request_id=request_id,
            created_at=now,
            due_at=now,
        )
        pay_back_later(refund.id, now)
        audit.record(
            "payment.refund_due", by=by, about=f"refund:{refund.id}", now=now, money=str(planned.piece_id),
            reason=planned.reason.value, amount=str(planned.amount.amount), currency=planned.amount.currency,
        )  # fmt: skip
        if payment is not None and payment.subject_id is not None:
            events.publish(
                MoneyReturned(
                    payment_id=payment.id,
                    subject_kind=SubjectKind(payment.subject_kind),
                    subject_id=payment.subject_id,
                    amount=planned.amount.rounded(),
                    reason=planned.reason.value,
                    returned_at=now,
                )
            )


def pay_back_later(refund_id: UUID, moment: datetime) -> None:
    """Defers one try to give money back, in the present transaction (1 statement)."""
    # By name, because the module of jobs calls this one's neighbours.
    app.configure_task(PAY_BACK_JOB, queue=QUEUE, schedule_at=moment).defer(refund_id=str(refund_id))


def _piece(row: MoneyIn) -> Piece:
    return Piece(row.id, Money(row.amount, row.currency).rounded(), row.receipted, row.returned)


def _write_pieces(before: Iterable[Piece], after: Iterable[Piece]) -> None:
    known = {piece.id: piece for piece in before}
    for piece in after:
        if known.get(piece.id) != piece and (piece.receipted or piece.returned):
            MoneyIn.objects.filter(id=piece.id).update(receipted=piece.receipted, returned=piece.returned)


def _end_outside_attempts(payment: Payment, now: datetime) -> None:
    """Instructions to pay at a bank end with what they were for; nobody else would end them."""
    Attempt.objects.filter(payment=payment, outside=True, state=AttemptState.STARTED).update(
        state=AttemptState.EXPIRED, ended_at=now, check_at=None
    )


def _give_receipt(payment: Payment, provider: str, *, by: Actor, now: datetime) -> None:
    agency = identity.agency_known(payment.agency_id)
    year = now.astimezone(ZoneInfo(agency.timezone)).year
    # The row stays locked until this transaction ends, so that a number is used or never was.
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [agency.id, year])
        sequence: int = cursor.fetchone()[0]
    number = f"{_prefix(agency)}-{year}-{sequence:06d}"
    Receipt.objects.create(
        payment=payment,
        agency_id=agency.id,
        year=year,
        sequence=sequence,
        number=number,
        provider=provider,
        amount=payment.amount,
        currency=payment.currency,
        issued_at=now,
    )
    audit.record("payment.paid", by=by, about=f"payment:{payment.id}", now=now, receipt=number)
    if payment.subject_id is not None:
        events.publish(
            PaymentReceived(
                payment_id=payment.id,
                subject_kind=SubjectKind(payment.subject_kind),
                subject_id=payment.subject_id,
                amount=Money(payment.amount, payment.currency).rounded(),
                receipt_number=number,
                provider=provider,
                paid_at=now,
            )
        )


def _prefix(agency: AgencyView) -> str:
    """No two agencies may give receipts of one number: where an older one has the letters, the id follows."""
    letters = _letters(agency)
    older = (other for other in identity.agencies() if other.id < agency.id)
    taken = any(_letters(other) == letters for other in older)
    return f"{letters}{agency.id}" if taken else letters


def _letters(agency: AgencyView) -> str:
    return agency.key.replace("-", "")[:_PREFIX_LENGTH].upper()

"""Money that comes past every provider's page: bank transfers and cash, matched by their reference."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.kernel.actors import Actor
from loket.kernel.ids import normalised_reference
from loket.kernel.money import Money
from loket.kernel.refusals import Refusal
from loket.payments import settling
from loket.payments.hearing import again_after_deadlock
from loket.payments.ledger import Return
from loket.payments.models import Attempt, MoneyIn, Payment
from loket.payments.types import OPEN, AttemptState, PaymentState, RefundReason

OFFLINE = "offline"
_LONGEST_REFERENCE = 60
_LONGEST_ID = 200


class NotMoney(Refusal):
    """An amount above zero and the bank's or till's own name for it are needed; `field` says which lacks."""

    code = "not_money"


class NumberUsed(Refusal):
    """Other money was recorded under this number before: one of the two is mistyped."""

    code = "number_used"


class NoSuchMoney(Refusal):
    """This money belongs to a payment, went back, or never came."""

    code = "no_such_money"


class OtherAgency(Refusal):
    """The payment is another agency's."""

    code = "other_agency"


@again_after_deadlock
@transaction.atomic
def record_transfer(
    *,
    agency_id: int,
    reference: str,
    amount: Money,
    transaction_id: str,
    received_at: datetime,
    by: Actor,
    now: datetime,
    payment_id: UUID | None = None,
) -> UUID | None:
    """Takes in a transfer, or cash at a counter. The payment it was for, or None where nobody knows.

    `transaction_id` is the bank's or the till's own name for it: recorded again, nothing changes. One that no
    reference matches waits for `match_transfer`; one for a payment that is paid or closed goes back.
    `payment_id` where whoever takes it knows: several payments of one case have the same reference. Refuses
    NotMoney, NumberUsed, OtherAgency.
    """
    if not amount.amount.is_finite() or amount.rounded().amount <= 0:
        raise NotMoney(field="amount")
    if not 0 < len(transaction_id.strip()) <= _LONGEST_ID:
        raise NotMoney(field="transaction_id")
    money = MoneyIn(
        agency_id=agency_id,
        provider=OFFLINE,
        # Banks and tills of two agencies may well count alike.
        transaction_id=f"{agency_id}:{transaction_id.strip()}"[:_LONGEST_ID],
        reference=reference.strip()[:_LONGEST_REFERENCE],
        amount=amount.rounded().amount,
        currency=amount.currency,
        received_at=received_at,
        taken_at=now,
    )
    before = MoneyIn.objects.filter(provider=OFFLINE, transaction_id=money.transaction_id).first()
    if before is not None:
        # Said to be recorded though it was not, it would be missing from the books for good.
        if _told(before) != _told(money):
            raise NumberUsed
        return before.payment_id
    payment = settling.locked(payment_id) if payment_id else _payment_for(agency_id, reference)
    if payment is not None and payment.agency_id != agency_id:
        raise OtherAgency
    if payment is None:
        # Two clerks at once: the second finds the first one's.
        MoneyIn.objects.bulk_create([money], ignore_conflicts=True)
        audit.record("payment.money_unmatched", by=by, about=f"agency:{agency_id}", now=now)
        return None
    money.attempt = _attempt_ended(payment, now)
    settling.take_in(payment, money, by=by, now=now)
    return payment.id


@again_after_deadlock
@transaction.atomic
def match_transfer(*, money_id: UUID, payment_id: UUID, by: Actor, now: datetime) -> None:
    """Gives money that nobody knew to the payment it was for. Refuses NoSuchMoney, OtherAgency."""
    payment = settling.locked(payment_id)
    money = _unmatched(money_id)
    if money.agency_id != payment.agency_id:
        raise OtherAgency
    account = settling.account_of(payment)
    money.payment, money.attempt = payment, _attempt_ended(payment, now)
    money.save(update_fields=["payment", "attempt"])
    audit.record("payment.money_matched", by=by, about=f"money:{money.id}", now=now, payment=str(payment.id))
    settling.assign(payment, account, money, by=by, now=now)


@transaction.atomic
def return_transfer(*, money_id: UUID, by: Actor, now: datetime) -> None:
    """Gives money back whose payer's purpose nobody could find out. Refuses NoSuchMoney."""
    money = _unmatched(money_id)
    money.returned = money.amount
    money.save(update_fields=["returned"])
    back = Return(money.id, Money(money.amount, money.currency).rounded(), RefundReason.UNKNOWN_PAYER)
    settling.give_back(None, [back], by=by, now=now)


def _told(money: MoneyIn) -> tuple[Decimal, str, str]:
    return money.amount, money.currency, normalised_reference(money.reference) or money.reference


def _unmatched(money_id: UUID) -> MoneyIn:
    money = MoneyIn.objects.select_for_update().filter(id=money_id, payment__isnull=True, returned=0).first()
    if money is None:
        raise NoSuchMoney
    return money


def _payment_for(agency_id: int, reference: str) -> Payment | None:
    """The payment that the reference names, locked: an open one first, else the latest."""
    written = {reference.strip(), normalised_reference(reference) or ""} - {""}
    rows = Payment.objects.filter(agency_id=agency_id, reference__in=written).order_by("-id")
    found = list(rows.values_list("id", "state"))
    open_first = sorted(found, key=lambda row: PaymentState(row[1]) not in OPEN)
    return settling.locked(open_first[0][0]) if open_first else None


def _attempt_ended(payment: Payment, now: datetime) -> Attempt | None:
    """The instructions that the transfer followed, where the person had asked for some."""
    attempt = (
        Attempt.objects.select_for_update()
        .filter(payment=payment, provider=OFFLINE, state=AttemptState.STARTED)
        .order_by("id")
        .first()
    )
    if attempt is not None:
        attempt.state, attempt.ended_at, attempt.check_at = AttemptState.SUCCEEDED.value, now, None
        attempt.save(update_fields=["state", "ended_at", "check_at"])
    return attempt

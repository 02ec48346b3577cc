"""Reactions within payments: a bill is paid with the payment that was asked for it."""

import logging
from uuid import UUID

from loket.audit import actions as audit
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.kernel.events import on
from loket.payments import actions
from loket.payments.events import BillPaidByAnother, PaymentReceived
from loket.payments.models import Bill, Payment
from loket.payments.types import OPEN, BillState, CloseReason, SubjectKind

logger = logging.getLogger(__name__)


def settle_bill(received: PaymentReceived) -> None:
    """The bill is paid, in the transaction that numbers the receipt; nobody else is asked for it any more.

    Others who were asked may be paying just now: what they pay from here on goes back.
    """
    bill_id = Payment.objects.values_list("bill_id", flat=True).get(id=received.payment_id)
    row = Bill.objects.select_for_update().filter(id=bill_id).first() if bill_id else None
    if row is None or row.paid_with == received.payment_id:
        return
    if row.state in (BillState.PAID, BillState.CANCELLED):
        # Asked for before it was settled otherwise, and not closed then: the money is not owed.
        logger.warning("payment %s: its bill was %s before", received.payment_id, row.state)
        actions.refund(
            payment_id=received.payment_id,
            amount=received.amount,
            reason=f"bill_{row.state}",
            by=SYSTEM,
            now=received.paid_at,
        )
        return
    row.state, row.state_at, row.paid_with = BillState.PAID, received.paid_at, received.payment_id
    row.save(update_fields=["state", "state_at", "paid_with"])
    audit.record("bill.paid", by=SYSTEM, about=f"bill:{row.id}", now=received.paid_at)
    _ask_no_more(row.id, received)


def _ask_no_more(bill_id: UUID, received: PaymentReceived) -> None:
    asked = Payment.objects.filter(bill_id=bill_id, state__in=[state.value for state in OPEN])
    waiting = asked.exclude(id=received.payment_id)
    for payment in waiting.order_by("id"):
        actions.close(payment_id=payment.id, reason=CloseReason.CANCELLED, by=SYSTEM, now=received.paid_at)
        if payment.subject_id is not None:
            events.publish(
                BillPaidByAnother(
                    payment_id=payment.id,
                    subject_kind=SubjectKind(payment.subject_kind),
                    subject_id=payment.subject_id,
                    paid_at=received.paid_at,
                )
            )


def register() -> None:
    on(PaymentReceived)(settle_bill)

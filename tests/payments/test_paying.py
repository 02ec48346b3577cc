"""From asking to the receipt, with everything that happens on the way."""

import pytest

from loket.identity.types import AgencyView
from loket.payments import queries
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.types import PaymentState, RefundReason
from tests.payments import till
from tests.payments.till import NOW, OWED, kes, paid, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_paying_gives_a_numbered_receipt(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment)
    view = seen(payment)
    assert (view.state, view.received, view.outstanding) == (PaymentState.PAID, OWED, kes("0.00"))
    (receipt,) = view.receipts
    assert (receipt.number, receipt.amount, receipt.paid_at) == ("TRA-2026-000001", OWED, NOW)
    assert view.refunds == ()
    assert queries.by_token(view.token) == view


@pytest.mark.parametrize("doing", [Doing.APPROVE, Doing.TOLD_TWICE, Doing.OUT_OF_ORDER])
def test_told_once_twice_or_out_of_order_it_is_paid_once(agency: AgencyView, doing: Doing) -> None:
    payment = till.asked(agency)
    paid(payment, doing)
    assert (seen(payment).state, seen(payment).received) == (PaymentState.PAID, OWED)


@pytest.mark.parametrize(
    ("doing", "amount", "reason"),
    [
        (Doing.CHARGED_TWICE, "1050.00", RefundReason.PAID_TWICE),
        (Doing.TOO_MUCH, "525.00", RefundReason.TOO_MUCH),
    ],
)
def test_what_is_too_much_goes_back(
    agency: AgencyView, doing: Doing, amount: str, reason: RefundReason
) -> None:
    payment = till.asked(agency)
    paid(payment, doing)
    view = seen(payment)
    assert (view.state, view.received, view.refunded) == (PaymentState.PAID, OWED, kes(amount))
    assert [(refund.amount, refund.reason) for refund in view.refunds] == [(kes(amount), reason)]


def test_a_part_waits_for_the_rest(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment, Doing.PARTLY)
    view = seen(payment)
    assert (view.state, view.received, view.outstanding) == (
        PaymentState.PARTLY,
        kes("525.00"),
        kes("525.00"),
    )
    assert view.receipts == ()
    paid(payment)
    view = seen(payment)
    assert (view.state, view.received, view.refunds) == (PaymentState.PAID, OWED, ())


def test_two_agencies_never_give_receipts_of_one_number(agency: AgencyView) -> None:
    other = till.agency("tramways-office")
    given = []
    for payee in (agency, other):
        payment = till.asked(payee)
        paid(payment)
        given.append(seen(payment).receipts[0].number)
    assert given == ["TRA-2026-000001", f"TRA{other.id}-2026-000001"]

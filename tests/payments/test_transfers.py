"""Money that comes past every page: matched by its reference, or waiting for somebody who knows."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import actions, queries
from loket.payments.actions import NoSuchMoney, NoSuchRefund, NotMoney, NumberUsed, OtherAgency
from loket.payments.models import Refund
from loket.payments.types import AttemptState, CloseReason, PaymentState, RefundReason, RefundState
from tests.payments import till
from tests.payments.till import NOW, OWED, kes, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def transfer(
    agency: AgencyView, amount: Money = OWED, reference: str = "7K3P-2M9X", number: str = "BT-1"
) -> UUID | None:
    return actions.record_transfer(
        agency_id=agency.id,
        reference=reference,
        amount=amount,
        transaction_id=number,
        received_at=NOW,
        by=SYSTEM,
        now=NOW,
    )


@pytest.mark.parametrize("written", ["7K3P-2M9X", " 7k3p 2m9x ", "7K3P2M9X"])
def test_a_transfer_finds_its_payment_however_the_reference_is_written(
    agency: AgencyView, written: str
) -> None:
    payment = till.asked(agency)
    actions.begin(payment_id=payment, provider="offline", language="en", now=NOW)
    assert transfer(agency, reference=written) == payment
    view = seen(payment)
    assert (view.state, view.receipts[0].provider) == (PaymentState.PAID, "offline")
    assert [one.state for one in view.attempts] == [AttemptState.SUCCEEDED]


def test_recorded_twice_it_came_once(agency: AgencyView) -> None:
    payment = till.asked(agency)
    assert transfer(agency) == transfer(agency) == payment
    assert seen(payment).received == OWED
    assert transfer(agency, reference="nothing", number="BT-2") is None
    assert transfer(agency, reference="nothing", number="BT-2") is None
    assert len(queries.unmatched(agency.id)) == 1


@pytest.mark.parametrize(
    ("amount", "reference"),
    [(kes("20.00"), "7K3P-2M9X"), (OWED, "8K3P-2M9X"), (Money(OWED.amount, "USD"), "7K3P-2M9X")],
)
def test_other_money_under_a_number_used_before_is_not_lost_in_silence(
    agency: AgencyView, amount: Money, reference: str
) -> None:
    payment = till.asked(agency)
    transfer(agency)
    with pytest.raises(NumberUsed):
        transfer(agency, amount, reference)
    assert transfer(agency, reference=" 7k3p2m9x") == payment, "the very same, written otherwise"
    assert seen(payment).received == OWED


def test_of_two_payments_with_one_reference_the_one_that_was_meant_is_paid(agency: AgencyView) -> None:
    first, second = till.asked(agency), till.asked(agency)
    actions.record_transfer(
        agency_id=agency.id, reference="7K3P-2M9X", amount=OWED, transaction_id="T-1", received_at=NOW,
        by=SYSTEM, now=NOW, payment_id=first,
    )  # fmt: skip
    assert (seen(first).state, seen(second).state) == (PaymentState.PAID, PaymentState.DUE)


def test_a_payment_of_another_agency_is_not_paid_by_naming_it(agency: AgencyView) -> None:
    theirs = till.asked(till.agency("other-authority"))
    with pytest.raises(OtherAgency):
        actions.record_transfer(
            agency_id=agency.id, reference="7K3P-2M9X", amount=OWED, transaction_id="T-1", received_at=NOW,
            by=SYSTEM, now=NOW, payment_id=theirs,
        )  # fmt: skip


def test_two_agencies_may_count_alike(agency: AgencyView) -> None:
    other = till.agency("tax-authority")
    one, two = till.asked(agency), till.asked(other)
    assert transfer(agency) == one
    assert transfer(other) == two


def test_an_open_payment_of_the_reference_comes_first(agency: AgencyView) -> None:
    first = till.asked(agency)
    transfer(agency)
    second = till.asked(agency)
    assert transfer(agency, number="BT-2") == second
    assert transfer(agency, number="BT-3") == second
    assert seen(second).refunds[0].reason is RefundReason.PAID_TWICE
    assert seen(first).refunds == ()


def test_one_that_nobody_knows_waits_and_is_matched(agency: AgencyView) -> None:
    payment = till.asked(agency)
    assert transfer(agency, reference="my licence") is None
    (waiting,) = queries.unmatched(agency.id)
    assert (waiting.amount, waiting.reference, waiting.transaction_id) == (OWED, "my licence", "BT-1")
    actions.match_transfer(money_id=waiting.id, payment_id=payment, by=SYSTEM, now=NOW)
    assert seen(payment).state is PaymentState.PAID
    assert queries.unmatched(agency.id) == ()
    with pytest.raises(NoSuchMoney):
        actions.match_transfer(money_id=waiting.id, payment_id=payment, by=SYSTEM, now=NOW)


def test_one_that_nobody_knows_goes_back(agency: AgencyView) -> None:
    transfer(agency, reference="?")
    (waiting,) = queries.unmatched(agency.id)
    actions.return_transfer(money_id=waiting.id, by=SYSTEM, now=NOW)
    assert queries.unmatched(agency.id) == ()
    refund = Refund.objects.get()
    assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.BY_HAND
    (by_hand,) = queries.refunds_by_hand(agency.id)
    assert (by_hand.reason, by_hand.transaction_id) == (RefundReason.UNKNOWN_PAYER, "BT-1")
    for money in (waiting.id, uuid4()):
        with pytest.raises(NoSuchMoney):
            actions.return_transfer(money_id=money, by=SYSTEM, now=NOW)


def test_money_of_one_agency_pays_nothing_of_another(agency: AgencyView) -> None:
    payment = till.asked(till.agency("tax-authority"))
    assert transfer(agency) is None
    (waiting,) = queries.unmatched(agency.id)
    with pytest.raises(OtherAgency):
        actions.match_transfer(money_id=waiting.id, payment_id=payment, by=SYSTEM, now=NOW)
    assert seen(payment).state is PaymentState.DUE


@pytest.mark.parametrize(
    ("amount", "number", "field"),
    [
        (kes("0.00"), "BT-1", "amount"),
        (kes("-1.00"), "BT-1", "amount"),
        (Money(Decimal("NaN"), "KES"), "BT-1", "amount"),
        (OWED, "  ", "transaction_id"),
        (OWED, "x" * 201, "transaction_id"),
    ],
)
def test_what_is_no_money_is_refused(agency: AgencyView, amount: Money, number: str, field: str) -> None:
    with pytest.raises(NotMoney) as refused:
        transfer(agency, amount, number=number)
    assert refused.value.details == {"field": field}


def test_after_closing_what_was_held_and_what_still_comes_goes_back_by_hand(agency: AgencyView) -> None:
    payment = till.asked(agency)
    actions.begin(payment_id=payment, provider="offline", language="en", now=NOW)
    transfer(agency, kes("400.00"))
    actions.begin(payment_id=payment, provider="offline", language="en", now=NOW)
    closing = {"payment_id": payment, "reason": CloseReason.LAPSED, "by": SYSTEM, "now": NOW}
    assert actions.close(**closing) is PaymentState.CLOSED  # type: ignore[arg-type]
    assert actions.close(**closing) is PaymentState.CLOSED  # type: ignore[arg-type]
    transfer(agency, kes("650.00"), number="BT-2")
    view = seen(payment)
    assert (view.state, view.received, view.outstanding) == (PaymentState.CLOSED, kes("0.00"), kes("0.00"))
    assert [(one.amount, one.reason) for one in view.refunds] == [
        (kes("400.00"), RefundReason.NOT_OWED),
        (kes("650.00"), RefundReason.TOO_LATE),
    ]
    assert [one.state for one in view.attempts] == [AttemptState.SUCCEEDED, AttemptState.EXPIRED]
    for refund in Refund.objects.all():
        with pytest.raises(NoSuchRefund):
            actions.refund_done_by_hand(refund_id=refund.id, by=SYSTEM, now=NOW)
        actions.pay_back(refund_id=refund.id, now=NOW)
        actions.refund_done_by_hand(refund_id=refund.id, by=SYSTEM, now=NOW)
    assert queries.refunds_by_hand(agency.id) == ()
    assert {one.state for one in seen(payment).refunds} == {RefundState.DONE}

"""Giving back: once, whatever the provider does meanwhile."""

from datetime import timedelta
from uuid import uuid4

import pytest

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.payments import actions, sweeping
from loket.payments.actions import NothingToRefund
from loket.payments.actions.returning import LEASE, pause_after
from loket.payments.models import Refund, SandboxPage
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.registry import ProviderAway, ProviderRefused, RefundNotice, Standing
from loket.payments.types import PaymentState, RefundState
from tests.payments import till
from tests.payments.test_trying import Moody, hear, moody, said, try_moody
from tests.payments.till import NOW, OWED, kes, paid, seen

__all__ = ["moody"]
pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def give_back(agency: AgencyView, amount: str = "300.00") -> Refund:
    payment = till.asked(agency)
    paid(payment)
    actions.refund(payment_id=payment, amount=kes(amount), reason="overcharged", by=SYSTEM, now=NOW)
    return Refund.objects.get()


def owed_by_moody(agency: AgencyView, moody: Moody) -> Refund:
    payment = till.asked(agency)
    try_moody(payment)
    hear(said(Standing.SUCCEEDED, kes("1100.00")), moody)
    return Refund.objects.get()


def test_a_refund_decided_is_made_once_and_the_payment_stays_paid(agency: AgencyView) -> None:
    refund = give_back(agency)
    for _ in range(3):
        assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.DONE
    page = SandboxPage.objects.get()
    assert [made["amount"] for made in page.refunds.values()] == ["300.00"]
    view = seen(refund.money.payment_id)  # type: ignore[arg-type]
    assert (view.state, view.received, view.refunded) == (PaymentState.PAID, kes("750.00"), kes("300.00"))


def test_no_more_goes_back_than_was_paid(agency: AgencyView) -> None:
    refund = give_back(agency)
    payment = refund.money.payment_id
    assert payment
    with pytest.raises(NothingToRefund):
        actions.refund(payment_id=payment, amount=kes("750.01"), reason="x", by=SYSTEM, now=NOW)
    actions.refund(payment_id=payment, amount=kes("750.00"), reason="x", by=SYSTEM, now=NOW)
    assert seen(payment).received == kes("0.00")


def test_the_same_decision_sent_twice_gives_back_once(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment)
    decision = uuid4()
    given = [
        actions.refund(
            payment_id=payment, amount=kes("300.00"), reason="x", by=SYSTEM, now=NOW, request_id=decision
        )
        for _ in range(2)
    ]
    assert given == [True, False]
    assert seen(payment).refunded == kes("300.00")
    actions.refund(
        payment_id=payment, amount=kes("300.00"), reason="x", by=SYSTEM, now=NOW, request_id=uuid4()
    )
    assert seen(payment).refunded == kes("600.00"), "another decision is another refund"


def test_somebody_at_work_on_it_is_left_alone_and_taken_over_when_dead(agency: AgencyView) -> None:
    refund = give_back(agency)
    Refund.objects.update(tries=1, due_at=NOW + LEASE)
    assert actions.pay_back(refund_id=refund.id, now=NOW + timedelta(minutes=2)) is RefundState.DUE
    assert sweeping.sweep(now=NOW + LEASE + timedelta(minutes=5)) >= 1
    assert actions.pay_back(refund_id=refund.id, now=NOW + LEASE + timedelta(minutes=5)) is RefundState.DONE


def test_a_provider_that_is_away_is_asked_again_ever_more_rarely_then_the_office(
    agency: AgencyView, moody: Moody
) -> None:
    refund = owed_by_moody(agency, moody)
    moody.trouble = ProviderAway("timeout")
    assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.DUE
    refund.refresh_from_db()
    assert (refund.due_at, refund.trouble) == (NOW + timedelta(minutes=1), "timeout")
    assert [pause_after(tries) / timedelta(minutes=1) for tries in (1, 2, 8, 9, 99)] == [1, 2, 128, 240, 240]
    assert actions.pay_back(refund_id=refund.id, now=NOW + timedelta(days=7)) is RefundState.BY_HAND


def test_a_refund_that_takes_long_is_told_of(agency: AgencyView, moody: Moody) -> None:
    refund = owed_by_moody(agency, moody)
    assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.ASKED
    for told, state in (
        (RefundNotice(refund.id, Standing.PENDING), RefundState.ASKED),
        (RefundNotice(refund.id, Standing.SUCCEEDED, "rev-1"), RefundState.DONE),
        (RefundNotice(refund.id, Standing.FAILED, "rev-1", "late"), RefundState.DONE),
    ):
        moody.says = told  # type: ignore[assignment]
        actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW)
        refund.refresh_from_db()
        assert refund.state == state
    assert refund.provider_ref == "rev-1"


def test_one_provider_tells_nothing_of_another_s_refund(agency: AgencyView, moody: Moody) -> None:
    refund = give_back(agency)
    moody.says = RefundNotice(refund.id, Standing.SUCCEEDED)  # type: ignore[assignment]
    actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW)
    refund.refresh_from_db()
    assert refund.state == RefundState.DUE


def test_what_a_provider_refuses_is_for_the_office(agency: AgencyView, moody: Moody) -> None:
    refund = owed_by_moody(agency, moody)
    moody.trouble = ProviderRefused("too_old")
    assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.FAILED
    assert seen(refund.money.payment_id).refunds[0].trouble == "too_old"  # type: ignore[arg-type]
    actions.refund_done_by_hand(refund_id=refund.id, by=SYSTEM, now=NOW)
    assert seen(refund.money.payment_id).refunds[0].state is RefundState.DONE  # type: ignore[arg-type]


def test_a_double_charge_goes_back_from_its_own_money(agency: AgencyView) -> None:
    payment = till.asked(agency)
    paid(payment, Doing.CHARGED_TWICE)
    refund = Refund.objects.get()
    assert actions.pay_back(refund_id=refund.id, now=NOW) is RefundState.DONE
    page = SandboxPage.objects.get()
    (made,) = page.refunds.values()
    assert (made["charge"], made["amount"]) == (page.charges[1]["id"], str(OWED.amount))


@pytest.mark.parametrize("given_up", [RefundState.FAILED, RefundState.BY_HAND])
def test_money_that_went_back_after_all_is_not_left_for_hands(
    agency: AgencyView, moody: Moody, given_up: RefundState
) -> None:
    refund = owed_by_moody(agency, moody)
    Refund.objects.update(state=given_up, due_at=None, trouble="provider_silent")
    moody.says = RefundNotice(refund.id, Standing.FAILED)  # type: ignore[assignment]
    assert actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW) == 0
    moody.says = RefundNotice(refund.id, Standing.SUCCEEDED)  # type: ignore[assignment]
    heard = [
        actions.take_callback(provider="moody", headers={}, query={}, body=b"", now=NOW) for _ in range(2)
    ]
    assert heard == [1, 0]
    refund.refresh_from_db()
    assert (refund.state, refund.ended_at, refund.trouble) == (RefundState.DONE, NOW, "")

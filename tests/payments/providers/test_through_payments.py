"""Stripe and M-Pesa as payments uses them: from beginning to the receipt and back, money counted once."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from pytest_django import Settings

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.money import Money
from loket.payments import actions, queries
from loket.payments.actions import ProviderUnavailable
from loket.payments.models import Attempt, MoneyIn, ParkedNotice, Refund
from loket.payments.registry import Forged, Prompted, Redirected
from loket.payments.types import CloseReason, PaymentState, RefundState
from tests.fakes.daraja_server import FakeDaraja
from tests.fakes.serving import Weather
from tests.fakes.stripe_server import FakeStripe
from tests.payments import till
from tests.payments.till import OWED, kes, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

COMPLETED = "checkout.session.completed"


@pytest.fixture(autouse=True)
def offered(settings: Settings) -> None:
    settings.PAYMENT_PROVIDERS = ["stripe", "mpesa", "offline"]


@pytest.fixture
def payment(agency: AgencyView, now: datetime) -> UUID:
    return till.asked(agency, now=now)


def at_stripe(payment_id: UUID, now: datetime) -> str:
    started = actions.begin(payment_id=payment_id, provider="stripe", language="en", now=now)
    assert isinstance(started, Redirected)
    return started.provider_ref


def on_phone(payment_id: UUID, now: datetime) -> str:
    started = actions.begin(
        payment_id=payment_id, provider="mpesa", language="sw", phone="+254712345678", now=now
    )
    assert isinstance(started, Prompted)
    return started.provider_ref


def stripe_tells(fake: FakeStripe, kind: str, ref: str, now: datetime) -> int:
    headers, body = fake.webhook(kind, ref, now)
    return actions.take_callback(provider="stripe", headers=headers, query={}, body=body, now=now)


def daraja_tells(fake: FakeDaraja, ref: str, now: datetime) -> int:
    return daraja_says(fake.pushes[ref].callback, fake.told(ref), now)


def daraja_says(address: str, told: object, now: datetime) -> int:
    query = dict(parse_qsl(urlsplit(address).query))
    body = json.dumps(told).encode()
    return actions.take_callback(provider="mpesa", headers={}, query=query, body=body, now=now)


def balanced(payment_id: UUID) -> None:
    """Money in = receipts + what went or goes back, and nothing twice."""
    pieces = MoneyIn.objects.filter(payment_id=payment_id)
    back = Refund.objects.filter(money__payment_id=payment_id)
    view = seen(payment_id)
    receipts = sum((receipt.amount.amount for receipt in view.receipts), Decimal(0))
    assert sum(piece.amount for piece in pieces) == receipts + sum(refund.amount for refund in back)


def test_both_are_offered_where_they_can_be_paid(stripe_fake: FakeStripe, daraja_fake: FakeDaraja) -> None:
    assert [way.key for way in queries.ways_to_pay(OWED)] == ["stripe", "mpesa", "offline"]
    assert [way.key for way in queries.ways_to_pay(kes("10.50"))] == ["stripe", "offline"]
    assert "mpesa" not in [way.key for way in queries.ways_to_pay(Money(Decimal(10), "USD"))]


# Stripe


def test_told_and_asked_in_any_order_it_is_paid_once(
    stripe_fake: FakeStripe, payment: UUID, now: datetime
) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref)
    headers, body = stripe_fake.webhook(COMPLETED, ref, now)
    for _ in range(3):
        actions.take_callback(provider="stripe", headers=headers, query={}, body=body, now=now)
        assert actions.come_back(provider="stripe", query={"session_id": ref}, now=now) == payment
    stripe_tells(stripe_fake, "checkout.session.expired", ref, now + timedelta(minutes=1))
    assert (seen(payment).state, seen(payment).received) == (PaymentState.PAID, OWED)
    assert len(seen(payment).receipts) == 1
    balanced(payment)


def test_nobody_pays_by_coming_back(stripe_fake: FakeStripe, payment: UUID, now: datetime) -> None:
    ref = at_stripe(payment, now)
    assert actions.come_back(provider="stripe", query={"session_id": ref}, now=now) == payment
    assert seen(payment).state is PaymentState.DUE


def test_nobody_pays_by_a_forged_call_back(stripe_fake: FakeStripe, payment: UUID, now: datetime) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref)
    headers, body = stripe_fake.webhook(COMPLETED, ref, now)
    for sent in ({}, {"Stripe-Signature": headers["Stripe-Signature"].replace("v1", "v0")}):
        with pytest.raises(Forged):
            actions.take_callback(provider="stripe", headers=sent, query={}, body=body, now=now)
    with pytest.raises(Forged):
        actions.take_callback(
            provider="stripe", headers=headers, query={}, body=body, now=now + timedelta(minutes=6)
        )
    assert seen(payment).state is PaymentState.DUE


@pytest.mark.parametrize(
    ("minor", "currency", "state"), [(100, "kes", PaymentState.PARTLY), (105_000, "usd", PaymentState.DUE)]
)
def test_too_little_or_another_currency_pays_nothing(
    stripe_fake: FakeStripe, payment: UUID, now: datetime, minor: int, currency: str, state: PaymentState
) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref, minor, currency)
    stripe_tells(stripe_fake, COMPLETED, ref, now)
    assert (seen(payment).state, seen(payment).receipts) == (state, ())


def test_too_much_goes_back_over_stripe(stripe_fake: FakeStripe, payment: UUID, now: datetime) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref, 110_000)
    stripe_tells(stripe_fake, COMPLETED, ref, now)
    refund = Refund.objects.get(money__payment_id=payment)
    for _ in range(2):
        assert actions.pay_back(refund_id=refund.id, now=now) is RefundState.DONE
    assert [made["amount"] for made in stripe_fake.refunds] == [5_000]
    assert seen(payment).state is PaymentState.PAID
    balanced(payment)


def test_what_nobody_knows_is_parked(stripe_fake: FakeStripe, payment: UUID, now: datetime) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref)
    stripe_fake.sessions["cs_test_stranger"] = {
        **stripe_fake.sessions[ref],
        "id": "cs_test_stranger",
        "payment_intent": "pi_stranger",
        "metadata": {"loket_attempt": str(UUID(int=7))},
    }
    for _ in range(2):
        assert stripe_tells(stripe_fake, COMPLETED, "cs_test_stranger", now) == 0
    assert ParkedNotice.objects.get().times == 2
    assert seen(payment).state is PaymentState.DUE


def test_a_start_that_stripe_did_but_never_answered_is_paid_all_the_same(
    stripe_fake: FakeStripe, payment: UUID, now: datetime
) -> None:
    stripe_fake.storm(Weather.HANGS_UP, after=True)
    with pytest.raises(ProviderUnavailable):
        actions.begin(payment_id=payment, provider="stripe", language="en", now=now)
    stripe_fake.storm(Weather.FAIR)
    (ref,) = stripe_fake.sessions
    stripe_fake.pay(ref)
    stripe_tells(stripe_fake, COMPLETED, ref, now)
    assert seen(payment).state is PaymentState.PAID


def test_while_stripe_is_away_nothing_is_lost(stripe_fake: FakeStripe, payment: UUID, now: datetime) -> None:
    ref = at_stripe(payment, now)
    stripe_fake.pay(ref)
    stripe_fake.storm(Weather.ERROR)
    attempt = Attempt.objects.get(provider_ref=ref)
    actions.check_attempt(attempt_id=attempt.id, now=now + timedelta(minutes=1))
    assert seen(payment).state is PaymentState.DUE
    stripe_fake.storm(Weather.FAIR)
    actions.check_attempt(attempt_id=attempt.id, now=now + timedelta(minutes=5))
    assert seen(payment).state is PaymentState.PAID


# M-Pesa


def test_a_push_is_paid_once_by_asking(daraja_fake: FakeDaraja, payment: UUID, now: datetime) -> None:
    ref = on_phone(payment, now)
    daraja_fake.confirm(ref)
    for _ in range(3):
        daraja_tells(daraja_fake, ref, now)
    attempt = Attempt.objects.get(provider_ref=ref)
    actions.check_attempt(attempt_id=attempt.id, now=now + timedelta(minutes=1))
    assert (seen(payment).state, seen(payment).received) == (PaymentState.PAID, OWED)
    assert attempt.receipt == daraja_fake.pushes[ref].receipt
    balanced(payment)


def test_asked_before_it_is_told_it_is_paid_once_too(
    daraja_fake: FakeDaraja, payment: UUID, now: datetime
) -> None:
    ref = on_phone(payment, now)
    daraja_fake.confirm(ref)
    attempt = Attempt.objects.get(provider_ref=ref)
    actions.check_attempt(attempt_id=attempt.id, now=now + timedelta(minutes=1))
    daraja_tells(daraja_fake, ref, now)
    assert MoneyIn.objects.get().amount == OWED.amount
    attempt.refresh_from_db()
    assert attempt.receipt == daraja_fake.pushes[ref].receipt, "M-Pesa's number came with the call-back"


def test_a_lying_call_back_moves_no_money(daraja_fake: FakeDaraja, payment: UUID, now: datetime) -> None:
    ref = on_phone(payment, now)
    daraja_fake.confirm(ref)
    lie = daraja_fake.told(ref)
    lie["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = 999_999
    daraja_fake.pushes[ref].result = ""
    daraja_says(daraja_fake.pushes[ref].callback, lie, now)
    assert seen(payment).state is PaymentState.DUE, "Safaricom says it is still going on"
    daraja_fake.pushes[ref].result = "0"
    daraja_says(daraja_fake.pushes[ref].callback, lie, now)
    assert seen(payment).received == OWED, "what was asked, whatever the call-back says"
    balanced(payment)


def test_a_call_back_to_an_address_of_another_try_moves_nothing(
    daraja_fake: FakeDaraja, agency: AgencyView, now: datetime
) -> None:
    mine, other = till.asked(agency, now=now), till.asked(agency, now=now)
    mine_ref, other_ref = on_phone(mine, now), on_phone(other, now)
    daraja_fake.confirm(other_ref)
    daraja_says(daraja_fake.pushes[mine_ref].callback, daraja_fake.told(other_ref), now)
    assert seen(mine).state is PaymentState.DUE
    assert seen(other).state is PaymentState.PAID, "it was paid, whoever says so"


def test_a_push_whose_answer_was_lost_is_paid_all_the_same(
    daraja_fake: FakeDaraja, payment: UUID, now: datetime
) -> None:
    daraja_fake.storm(Weather.HANGS_UP, after=True, only="POST")
    with pytest.raises(ProviderUnavailable):
        actions.begin(payment_id=payment, provider="mpesa", language="en", phone="+254712345678", now=now)
    daraja_fake.storm(Weather.FAIR)
    (ref,) = daraja_fake.pushes
    daraja_fake.confirm(ref)
    daraja_tells(daraja_fake, ref, now)
    assert seen(payment).state is PaymentState.PAID
    balanced(payment)


def test_a_cancelled_push_can_be_tried_again(daraja_fake: FakeDaraja, payment: UUID, now: datetime) -> None:
    first = on_phone(payment, now)
    daraja_fake.refuse(first)
    daraja_tells(daraja_fake, first, now)
    second = on_phone(payment, now + timedelta(minutes=1))
    daraja_fake.confirm(second)
    daraja_tells(daraja_fake, second, now)
    assert seen(payment).state is PaymentState.PAID
    reasons = Attempt.objects.order_by("id").values_list("reason", flat=True)
    assert list(reasons) == ["cancelled", ""]


def test_money_for_what_is_closed_is_reversed_and_told_of(
    daraja_fake: FakeDaraja, payment: UUID, now: datetime
) -> None:
    ref = on_phone(payment, now)
    actions.close(payment_id=payment, reason=CloseReason.LAPSED, by=SYSTEM, now=now)
    daraja_fake.confirm(ref)
    daraja_tells(daraja_fake, ref, now)
    refund = Refund.objects.get(money__payment_id=payment)
    assert actions.pay_back(refund_id=refund.id, now=now) is RefundState.ASKED
    assert daraja_fake.reversals[0]["TransactionID"] == daraja_fake.pushes[ref].receipt
    refund.refresh_from_db()
    assert refund.due_at is not None
    assert actions.pay_back(refund_id=refund.id, now=refund.due_at) is RefundState.ASKED
    assert len(daraja_fake.reversals) == 1
    assert daraja_says(daraja_fake.reversals[0]["ResultURL"], daraja_fake.told_of_reversal(0), now) == 1
    refund.refresh_from_db()
    assert refund.state == RefundState.DONE
    balanced(payment)


def test_a_reversal_that_failed_is_for_the_office(
    daraja_fake: FakeDaraja, agency: AgencyView, payment: UUID, now: datetime
) -> None:
    ref = on_phone(payment, now)
    actions.close(payment_id=payment, reason=CloseReason.LAPSED, by=SYSTEM, now=now)
    daraja_fake.confirm(ref)
    daraja_tells(daraja_fake, ref, now)
    refund = Refund.objects.get(money__payment_id=payment)
    actions.pay_back(refund_id=refund.id, now=now)
    daraja_says(daraja_fake.reversals[0]["ResultURL"], daraja_fake.told_of_reversal(0, 1), now)
    assert [found.id for found in queries.refunds_by_hand(agency.id)] == [refund.id]


def test_nothing_of_the_phone_is_kept(daraja_fake: FakeDaraja, payment: UUID, now: datetime) -> None:
    ref = on_phone(payment, now)
    daraja_fake.confirm(ref)
    daraja_tells(daraja_fake, ref, now)
    for model in (Attempt, MoneyIn, ParkedNotice, Refund):
        for row in model.objects.values():
            assert "712345678" not in str(row), model.__name__

"""Stripe Checkout against a fake that is itself held against Stripe's published description."""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from pytest_django import Settings

from loket.kernel.money import Money
from loket.payments.providers.stripe import amounts
from loket.payments.providers.stripe.provider import provider
from loket.payments.registry import (
    Forged,
    Notice,
    Order,
    ProviderAway,
    ProviderRefused,
    Redirected,
    RefundNotice,
    Standing,
)
from tests.fakes.serving import Weather
from tests.fakes.stripe_server import KEY, WEBHOOK_SECRET, FakeStripe, signed
from tests.payments.providers.conftest import money, order, refund_order

FEE = money("1050.00")
COMPLETED = "checkout.session.completed"


def start(fake: FakeStripe, wanted: Order, now: datetime) -> str:
    started = provider.start(wanted, now=now)
    assert isinstance(started, Redirected)
    return started.provider_ref


def call_back(headers: dict[str, str], body: bytes, now: datetime) -> tuple[Notice | RefundNotice, ...]:
    return provider.parse_callback(headers, {}, body, now=now)


def test_it_is_offered_once_both_secrets_are_there(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "", ()
    assert not provider.configured()
    settings.STRIPE_SECRET_KEY = KEY
    assert not provider.configured()
    settings.STRIPE_WEBHOOK_SECRETS = (WEBHOOK_SECRET,)
    assert provider.configured()


def test_starting_leads_to_stripes_own_page(stripe_fake: FakeStripe, now: datetime) -> None:
    wanted = order(FEE, language="id")
    started = provider.start(wanted, now=now)
    assert isinstance(started, Redirected)
    assert started.url == f"{stripe_fake.address}/c/pay/{started.provider_ref}"
    form = {name: values[0] for name, values in parse_qs(stripe_fake.log[-1].body).items()}
    assert form["line_items[0][price_data][unit_amount]"] == "105000"
    assert form["line_items[0][price_data][currency]"] == "kes"
    assert form["locale"] == "id"
    assert form["success_url"] == f"{wanted.return_url}?session_id={{CHECKOUT_SESSION_ID}}"
    assert form["cancel_url"] == wanted.return_url
    assert form["expires_at"] == str(int(wanted.expires_at.timestamp()))
    assert "712345678" not in stripe_fake.log[-1].body, "Stripe asks for what it needs by itself"


def test_a_language_that_stripe_lacks_is_left_to_the_browser(stripe_fake: FakeStripe, now: datetime) -> None:
    start(stripe_fake, order(FEE, language="sw"), now)
    assert "locale=auto" in stripe_fake.log[-1].body


def test_starting_again_is_the_same_session(stripe_fake: FakeStripe, now: datetime) -> None:
    wanted = order(FEE)
    assert start(stripe_fake, wanted, now) == start(stripe_fake, wanted, now + timedelta(minutes=5))
    assert len(stripe_fake.sessions) == 1


def test_a_start_whose_answer_was_lost_is_found_again(stripe_fake: FakeStripe, now: datetime) -> None:
    wanted = order(FEE)
    stripe_fake.storm(Weather.HANGS_UP, after=True)
    with pytest.raises(ProviderAway):
        provider.start(wanted, now=now)
    stripe_fake.storm(Weather.FAIR)
    start(stripe_fake, wanted, now)
    assert len(stripe_fake.sessions) == 1


def test_another_order_under_the_same_id_is_refused(stripe_fake: FakeStripe, now: datetime) -> None:
    wanted = order(FEE)
    start(stripe_fake, wanted, now)
    with pytest.raises(ProviderRefused):
        provider.start(replace(wanted, amount=money("1.00")), now=now)


def test_too_little_for_a_card_is_a_refusal_with_stripes_code(stripe_fake: FakeStripe, now: datetime) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.start(order(money("0.10")), now=now)
    assert refused.value.code == "amount_too_small"


def test_coming_back_names_the_session_and_nothing_else(stripe_fake: FakeStripe) -> None:
    assert provider.read_return({"session_id": "cs_test_a1B2"}) == "cs_test_a1B2"
    for given in (
        "",
        "pi_1",
        "cs_test_1/../refunds",
        "cs_test_1?x",
        "cs_",
        "{CHECKOUT_SESSION_ID}",
        "cs_" + "1" * 300,
    ):
        assert provider.read_return({"session_id": given}) == ""
    assert provider.read_return({}) == ""


def test_check_tells_how_it_stands(stripe_fake: FakeStripe, now: datetime) -> None:
    wanted = order(FEE)
    ref = start(stripe_fake, wanted, now)
    assert provider.check(ref, now=now).standing is Standing.PENDING
    stripe_fake.pay(ref)
    paid = provider.check(ref, now=now)
    assert (paid.standing, paid.amount, paid.attempt_id) == (Standing.SUCCEEDED, FEE, wanted.attempt_id)
    assert paid.transaction_id.startswith("pi_")


def test_an_expired_session_has_failed(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.expire(ref)
    told = provider.check(ref, now=now)
    assert (told.standing, told.reason) == (Standing.FAILED, "expired")


def test_a_bank_debit_is_open_until_the_money_is_there(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.pay_later(ref)
    assert provider.check(ref, now=now).standing is Standing.PENDING
    (told,) = call_back(*stripe_fake.webhook(COMPLETED, ref, now), now)
    assert told.standing is Standing.PENDING
    (told,) = call_back(*stripe_fake.webhook("checkout.session.async_payment_failed", ref, now), now)
    assert (told.standing, told.reason) == (Standing.FAILED, "declined")
    stripe_fake.pay(ref)
    (told,) = call_back(*stripe_fake.webhook("checkout.session.async_payment_succeeded", ref, now), now)
    assert told.standing is Standing.SUCCEEDED


@pytest.mark.parametrize(("minor", "currency"), [(1, "kes"), (105_000, "usd"), (99_999_999, "jpy")])
def test_what_stripe_says_came_is_told_as_it_says(
    stripe_fake: FakeStripe, now: datetime, minor: int, currency: str
) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.pay(ref, minor, currency)
    told = provider.check(ref, now=now)
    assert told.amount == amounts.from_minor(minor, currency)
    assert told.amount != FEE, "payments compares; the plug-in must not cover it up"


def test_a_session_of_somebody_else_is_unknown(stripe_fake: FakeStripe, now: datetime) -> None:
    for ref in ("cs_test_of_nobody", "../refunds", ""):
        with pytest.raises(ProviderRefused) as refused:
            provider.check(ref, now=now)
        assert refused.value.code == "resource_missing"


@pytest.mark.parametrize(
    "lie",
    [
        {"id": "cs_test_another"},
        {"payment_status": None},
        {"payment_status": "paid", "payment_intent": None},
        {"payment_status": "paid", "payment_intent": "pi_1", "amount_total": -1},
        {"payment_status": "paid", "payment_intent": "pi_1", "amount_total": "105000"},
        {"payment_status": "paid", "payment_intent": "pi_1", "amount_total": True},
        {"payment_status": "paid", "payment_intent": "pi_1", "currency": None},
    ],
)
def test_an_answer_without_sense_is_no_answer(
    stripe_fake: FakeStripe, now: datetime, lie: dict[str, object]
) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.sessions[ref].update(lie)
    with pytest.raises(ProviderAway) as away:
        provider.check(ref, now=now)
    assert away.value.code == "nonsense"


def test_a_page_that_is_not_over_tls_is_not_gone_to(stripe_fake: FakeStripe, now: datetime) -> None:
    for page in ("http://evil.example/", "javascript:alert(1)", ""):
        stripe_fake.page = page
        with pytest.raises(ProviderAway) as away:
            provider.start(order(FEE), now=now)
        assert away.value.code == "nonsense"


# Call-backs


def test_a_signed_call_back_is_believed_and_tells_the_same_again(
    stripe_fake: FakeStripe, now: datetime
) -> None:
    wanted = order(FEE)
    ref = start(stripe_fake, wanted, now)
    stripe_fake.pay(ref)
    headers, body = stripe_fake.webhook(COMPLETED, ref, now)
    first = call_back(headers, body, now)
    assert first == call_back({name.upper(): value for name, value in headers.items()}, body, now)
    (told,) = first
    assert isinstance(told, Notice)
    assert (told.provider_ref, told.standing, told.amount) == (ref, Standing.SUCCEEDED, FEE)
    assert told.at == now.replace(microsecond=0)
    assert told.attempt_id == wanted.attempt_id
    assert told.transaction_id == provider.check(ref, now=now).transaction_id, "the same money, by both ways"


def test_while_a_secret_is_changed_either_signature_will_do(
    stripe_fake: FakeStripe, now: datetime, settings: Settings
) -> None:
    _, body = stripe_fake.webhook(COMPLETED, start(stripe_fake, order(FEE), now), now)
    assert call_back(signed(body, now, "whsec_new", WEBHOOK_SECRET)[0], body, now)
    settings.STRIPE_WEBHOOK_SECRETS = ("whsec_older", "whsec_new")
    assert call_back(signed(body, now, "whsec_new")[0], body, now)
    with pytest.raises(Forged):
        call_back(signed(body, now)[0], body, now)


def forgeries(good: str, body: bytes, now: datetime) -> dict[str, tuple[str, bytes]]:
    stamp, _, code = good.split(",")[0], None, good.split(",")[1].removeprefix("v1=")
    return {
        "nothing": ("", body),
        "no time": (f"v1={code}", body),
        "two times": (f"{stamp},{stamp},v1={code}", body),
        "another time": (f"t={int(now.timestamp()) + 1},v1={code}", body),
        "time in words": (f"t=now,v1={code}", body),
        "time in other digits": (f"t=١٢٣٤,v1={code}", body),
        "endless time": (f"t={'9' * 5000},v1={code}", body),
        "no signature": (stamp, body),
        "empty signature": (f"{stamp},v1=", body),
        "only an older scheme": (f"{stamp},v0={code}", body),
        "a letter off": (f"{stamp},v1={'0' if code[0] != '0' else '1'}{code[1:]}", body),
        "part of it": (f"{stamp},v1={code[:-1]}", body),
        "another alphabet": (f"{stamp},v1=é{code}", body),
        "another secret": (signed(body, now, "whsec_another")[0]["Stripe-Signature"], body),
        "no secret": (signed(body, now, "")[0]["Stripe-Signature"], body),
        "another body": (good, body.replace(b"105000", b"105001")),
        "a body with more": (good, body + b" "),
        "old": signed_at(body, now - timedelta(seconds=302)),
        "from the future": signed_at(body, now + timedelta(seconds=302)),
        "signed, but no JSON": signed_at(b"paid!", now),
        "signed, but no object": signed_at(b"[]", now),
        "signed, nested without end": signed_at(b"[" * 100_000, now),
    }


def signed_at(body: bytes, at: datetime) -> tuple[str, bytes]:
    return signed(body, at)[0]["Stripe-Signature"], body


def test_forged_and_stale_call_backs_are_found_out(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.pay(ref)
    headers, body = stripe_fake.webhook(COMPLETED, ref, now)
    assert call_back(headers, body, now), "the one they are made from is good"
    for name, (header, sent) in forgeries(headers["Stripe-Signature"], body, now).items():
        assert refused({"Stripe-Signature": header}, sent, now), name


def refused(headers: dict[str, str], body: bytes, now: datetime) -> bool:
    try:
        call_back(headers, body, now)
    except Forged:
        return True
    return False


def test_it_is_taken_for_five_minutes(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    headers, body = stripe_fake.webhook(COMPLETED, ref, now)
    assert call_back(headers, body, now + timedelta(seconds=299))
    with pytest.raises(Forged):
        call_back(headers, body, now + timedelta(seconds=302))


def test_what_is_of_no_concern_is_passed_over(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    assert call_back(*stripe_fake.webhook("customer.created", ref, now), now) == ()
    stripe_fake.sessions[ref]["metadata"] = {}
    assert call_back(*stripe_fake.webhook(COMPLETED, ref, now), now) == (), "another shop on the same account"


def test_a_signed_success_without_money_is_not_believed(stripe_fake: FakeStripe, now: datetime) -> None:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.sessions[ref].update(payment_status="paid", payment_intent=None)
    with pytest.raises(Forged):
        call_back(*stripe_fake.webhook(COMPLETED, ref, now), now)


# Amounts


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1050.00", "KES", 105_000),
        ("10.5", "USD", 1_050),
        ("150000", "IDR", 15_000_000),
        ("500", "JPY", 500),
        ("1500", "RWF", 1_500),
        ("5000", "UGX", 500_000),
        ("700", "ISK", 70_000),
        ("1.250", "BHD", 1_250),
        ("0.01", "EUR", 1),
        ("999999.99", "EUR", 99_999_999),
    ],
)
def test_amounts_in_the_smallest_unit(amount: str, currency: str, minor: int) -> None:
    given = money(amount, currency)
    assert amounts.takes(given)
    assert amounts.to_minor(given) == minor
    assert amounts.from_minor(minor, currency.lower()) == given


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0", "KES"), ("-1", "KES"), ("0.001", "KES"), ("500.5", "JPY"), ("5000.50", "UGX"), ("1.255", "BHD"),
        ("1000000", "EUR"), ("NaN", "KES"), ("Infinity", "KES"), ("1", ""), ("1", "SHILLING"),
    ],
)  # fmt: skip
def test_amounts_that_stripe_cannot_write(amount: str, currency: str) -> None:
    given = Money(Decimal(amount), currency)
    assert not provider.takes(given)
    with pytest.raises(ValueError, match="express"):
        amounts.to_minor(given)


# Refunds


@pytest.fixture
def transaction(stripe_fake: FakeStripe, now: datetime) -> str:
    ref = start(stripe_fake, order(FEE), now)
    stripe_fake.pay(ref)
    return provider.check(ref, now=now).transaction_id


def test_a_refund_is_made_once(stripe_fake: FakeStripe, transaction: str, now: datetime) -> None:
    wanted = refund_order(transaction, FEE)
    first = provider.refund(wanted, now=now)
    assert first.standing is Standing.SUCCEEDED
    assert not first.by_hand
    assert provider.refund(wanted, now=now) == first
    stripe_fake.keys.clear()
    assert provider.refund(wanted, now=now) == first, "also after Stripe forgot the idempotency key"
    assert len(stripe_fake.refunds) == 1


def test_a_refund_whose_answer_was_lost_is_not_made_twice(
    stripe_fake: FakeStripe, transaction: str, now: datetime
) -> None:
    wanted = refund_order(transaction, money("50.00"))
    stripe_fake.storm(Weather.HANGS_UP, after=True, only="POST")
    with pytest.raises(ProviderAway):
        provider.refund(wanted, now=now)
    stripe_fake.storm(Weather.FAIR)
    stripe_fake.keys.clear()
    assert provider.refund(wanted, now=now).standing is Standing.SUCCEEDED
    assert [refund["amount"] for refund in stripe_fake.refunds] == [5_000]


def test_parts_go_back_one_by_one_and_no_more_than_came(
    stripe_fake: FakeStripe, transaction: str, now: datetime
) -> None:
    for part in ("50.00", "1000.00"):
        assert provider.refund(refund_order(transaction, money(part)), now=now).standing is Standing.SUCCEEDED
    with pytest.raises(ProviderRefused) as refused:
        provider.refund(refund_order(transaction, money("0.01")), now=now)
    assert refused.value.code == "charge_already_refunded"


def test_a_pending_refund_is_asked_after(stripe_fake: FakeStripe, transaction: str, now: datetime) -> None:
    stripe_fake.next_refund = "pending"
    wanted = refund_order(transaction, FEE)
    assert provider.refund(wanted, now=now).standing is Standing.PENDING
    stripe_fake.refunds[0]["status"] = "succeeded"
    assert provider.refund(wanted, now=now).standing is Standing.SUCCEEDED
    stripe_fake.refunds[0]["status"] = "failed"
    assert provider.refund(wanted, now=now).standing is Standing.FAILED
    assert len(stripe_fake.refunds) == 1


def test_another_amount_under_the_same_refund_is_noticed(
    stripe_fake: FakeStripe, transaction: str, now: datetime
) -> None:
    refund_id = uuid4()
    provider.refund(refund_order(transaction, money("50.00"), refund_id), now=now)
    with pytest.raises(ProviderRefused) as refused:
        provider.refund(refund_order(transaction, money("60.00"), refund_id), now=now)
    assert refused.value.code == "refund_differs"


def test_money_that_stripe_never_saw_is_not_refunded(stripe_fake: FakeStripe, now: datetime) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.refund(refund_order("pi_of_nobody", FEE), now=now)
    assert refused.value.code == "resource_missing"


# Weather

_EXPECTED = {
    Weather.HANGS_UP: "unreachable",
    Weather.SILENT: "timeout",
    Weather.TRICKLES: "timeout",
    Weather.HEAD_TRICKLES: "timeout",
    Weather.ERROR_PAGE: "nonsense",
    Weather.ERROR: "faulty",
    Weather.BROKEN: "nonsense",
    Weather.LIST: "nonsense",
    Weather.NEST: "nonsense",
    Weather.HUGE: "too_much",
    Weather.ELSEWHERE: "faulty",
    Weather.BUSY: "busy",
}


@pytest.mark.parametrize("weather", [weather for weather in Weather if weather is not Weather.FAIR])
def test_in_bad_weather_nothing_is_known(
    stripe_fake: FakeStripe, now: datetime, settings: Settings, weather: Weather
) -> None:
    ref = start(stripe_fake, order(FEE), now)
    settings.PAYMENT_CALL_SECONDS = 0.5 if _EXPECTED[weather] == "timeout" else 5
    stripe_fake.storm(weather)
    for call in (
        lambda: provider.start(order(FEE), now=now),
        lambda: provider.check(ref, now=now),
        lambda: provider.refund(refund_order("pi_1", FEE), now=now),
    ):
        began = time.monotonic()
        with pytest.raises(ProviderAway) as away:
            call()
        assert away.value.code == _EXPECTED[weather]
        assert time.monotonic() - began < 4
    stripe_fake.storm(Weather.FAIR)
    assert provider.check(ref, now=now).standing is Standing.PENDING, "and it goes on by itself"


def test_a_server_that_is_not_there(settings: Settings, now: datetime) -> None:
    with FakeStripe() as gone:
        settings.STRIPE_ADDRESS, settings.STRIPE_SECRET_KEY = gone.address, KEY
    with pytest.raises(ProviderAway) as away:
        provider.check("cs_test_1", now=now)
    assert away.value.code == "unreachable"


def test_secrets_go_nowhere_in_the_clear(settings: Settings, now: datetime) -> None:
    settings.STRIPE_SECRET_KEY = KEY
    for address in ("http://api.stripe.example", "ftp://127.0.0.1", "", "http://127.0.0.1@api.example"):
        settings.STRIPE_ADDRESS = address
        with pytest.raises(ProviderAway) as away:
            provider.check("cs_test_1", now=now)
        assert away.value.code == "insecure_address"


def test_a_wrong_key_is_the_operators_to_mend(
    stripe_fake: FakeStripe, settings: Settings, now: datetime
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(ProviderAway) as away:
        provider.start(order(FEE), now=now)
    assert away.value.code == "not_authorised"


def test_neither_secrets_nor_stripes_words_are_told(
    stripe_fake: FakeStripe, settings: Settings, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for act in (
        lambda: provider.start(order(money("0.10")), now=now),
        lambda: provider.refund(refund_order("pi_1", FEE), now=now),
        lambda: call_back({"Stripe-Signature": "t=1,v1=x"}, b"{}", now),
    ):
        with pytest.raises((ProviderRefused, Forged)) as problem:
            act()
        told.append(repr(problem.value) + repr(problem.value.__cause__))
    everything = " ".join(told) + caplog.text
    assert len(caplog.records) > 2, "the HTTP library does log"
    for secret in (KEY, WEBHOOK_SECRET, "jane@example.com", "Words of Stripe"):
        assert secret not in everything

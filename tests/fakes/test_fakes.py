"""The fakes are as the providers' publications say, and so is what we ask: facts in *_facts.json beside this.

Each planted deviation must be found.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from loket.kernel.money import Money
from loket.payments.providers.mpesa.provider import provider as mpesa
from loket.payments.providers.stripe.provider import provider as stripe
from loket.payments.registry import ProviderAway, ProviderRefused, Redirected
from tests.fakes.daraja_server import FakeDaraja
from tests.fakes.facts import Facts
from tests.fakes.serving import Exchange, Weather
from tests.fakes.stripe_server import FakeStripe
from tests.payments.providers.conftest import daraja_fake, money, now, order, refund_order, stripe_fake

__all__ = ["daraja_fake", "now", "stripe_fake"]
FEE = Money(Decimal("1050"), "KES")
EVENTS = ("completed", "async_payment_succeeded", "async_payment_failed", "expired")


@pytest.fixture
def stripe_log(stripe_fake: FakeStripe) -> list[Exchange]:
    """Everything that is ever asked of Stripe, in every state that the fake knows."""
    at = datetime.now(UTC)
    for language in ("en", "id", "sw"):
        started = stripe.start(order(FEE, language=language), now=at)
        assert isinstance(started, Redirected)
        for act in (None, stripe_fake.pay, stripe_fake.pay_later, stripe_fake.expire, stripe_fake.pay):
            if act is not None:
                act(started.provider_ref)
            stripe.check(started.provider_ref, now=at)
        for standing in ("pending", "failed", "succeeded", "requires_action"):
            stripe_fake.next_refund = standing
            wanted = refund_order(stripe_fake.sessions[started.provider_ref]["payment_intent"], money("10"))
            stripe.refund(wanted, now=at)
            stripe.refund(wanted, now=at)
    for refused in (
        lambda: stripe.start(order(money("0.01")), now=at),
        lambda: stripe.check("cs_test_unknown", now=at),
        lambda: stripe.refund(refund_order("pi_unknown", FEE), now=at),
    ):
        with pytest.raises(ProviderRefused):
            refused()
    return stripe_fake.log


@pytest.fixture
def daraja_log(daraja_fake: FakeDaraja) -> list[Exchange]:
    at = datetime.now(UTC)
    started = mpesa.start(order(FEE), now=at)
    mpesa.check(started.provider_ref, now=at)
    for result in ("0", "1", "1032", "1037", "2001", "4999"):
        daraja_fake.refuse(started.provider_ref, result)
        mpesa.check(started.provider_ref, now=at)
    mpesa.refund(refund_order(started.provider_ref, FEE, receipt="QK12ABC345"), now=at)
    daraja_fake.refuses_push = "400.002.02"
    with pytest.raises(ProviderRefused):
        mpesa.start(order(FEE), now=at)
    with pytest.raises(ProviderRefused):
        mpesa.check("ws_CO_unknown", now=at)
    daraja_fake.token = "token-2"
    mpesa.check(started.provider_ref, now=at)
    return daraja_fake.log


def found(facts: Facts, log: list[Exchange]) -> list[str]:
    return [words for exchange in log for words in facts.deviations(exchange)]


def test_stripe_and_what_we_ask_of_it_are_as_published(stripe_log: list[Exchange]) -> None:
    facts = Facts("stripe_facts")
    assert found(facts, stripe_log) == []
    asked = {(exchange.method, exchange.status) for exchange in stripe_log}
    assert {("POST", 200), ("GET", 200), ("POST", 400), ("GET", 404), ("POST", 404)} <= asked


def test_stripes_call_backs_are_as_published(stripe_fake: FakeStripe) -> None:
    at = datetime.now(UTC)
    started = stripe.start(order(FEE), now=at)
    facts = Facts("stripe_facts")
    for kind in EVENTS:
        event = json.loads(stripe_fake.webhook(f"checkout.session.{kind}", started.provider_ref, at)[1])
        assert list(facts.about("event", event)) == []
        assert list(facts.about("checkout.session", event["data"]["object"])) == []
        del event["pending_webhooks"]
        assert list(facts.about("event", event)) == ["event lacks pending_webhooks"]


def test_daraja_and_what_we_ask_of_it_are_as_published(daraja_log: list[Exchange]) -> None:
    assert found(Facts("daraja_facts"), daraja_log) == []
    assert {exchange.path for exchange in daraja_log} == {
        "/oauth/v1/generate",
        "/mpesa/stkpush/v1/processrequest",
        "/mpesa/stkpushquery/v1/query",
        "/mpesa/reversal/v1/request",
    }
    assert {exchange.status for exchange in daraja_log} >= {200, 400, 404, 500}


def test_darajas_call_backs_are_as_published(daraja_fake: FakeDaraja) -> None:
    facts, at = Facts("daraja_facts"), datetime.now(UTC)
    started = mpesa.start(order(FEE), now=at)
    for result in ("0", "1032"):
        daraja_fake.refuse(started.provider_ref, result)
        assert list(facts.about("push call-back", daraja_fake.told(started.provider_ref))) == []
    mpesa.refund(refund_order(started.provider_ref, FEE, receipt="QK12ABC345"), now=at)
    told = daraja_fake.told_of_reversal(0)
    assert list(facts.about("reversal call-back", told)) == []
    told["Result"].pop("ConversationID")
    assert list(facts.about("reversal call-back", told)) != []


# Planted deviations


def answers(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    """The answer with one thing wrong: each field gone, of another type, and one too many."""
    good = exchange.answer
    for field, value in good.items():
        yield f"without {field}", {name: kept for name, kept in good.items() if name != field}
        yield f"{field} of another type", {**good, field: 1.5 if not isinstance(value, float) else "x"}
        if isinstance(value, str):
            yield f"{field} in another word", {**good, field: value + "\0" * 50_000}
    yield "with a field more", {**good, "card_number": "4242"}


OPTIONAL = {
    "amount_subtotal", "amount_total", "balance_transaction", "cancel_url", "charge", "client_reference_id",
    "code", "currency", "locale", "message", "metadata", "payment_intent", "reason", "receipt_number",
    "status",
    "success_url", "ui_mode", "url",
}  # fmt: skip


def test_a_fake_that_deviates_is_found_out(stripe_log: list[Exchange], daraja_log: list[Exchange]) -> None:
    tried = 0
    for facts, log in ((Facts("stripe_facts"), stripe_log), (Facts("daraja_facts"), daraja_log)):
        for exchange in {(kept.path, kept.status, kept.method): kept for kept in log}.values():
            for what, answer in answers(exchange):
                if what.removeprefix("without ") in OPTIONAL:
                    continue
                tried += 1
                assert list(facts.deviations(replace(exchange, answer=answer))), f"{exchange.path} {what}"
    assert tried > 100


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "paymnet"}, "mode"),
        ({"payment_method_data[card][number]": "4242424242424242"}, "no parameter"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"line_items[0][price_data][currency]": "KES"}, "currency"),
        ({"line_items[0][price_data][currency]": None}, "lacks the parameter"),
        ({"line_items[0][price_data][unit_amount]": "10.50"}, "unit_amount"),
    ],
)
def test_a_question_that_deviates_is_found_out(
    stripe_log: list[Exchange], change: dict[str, str | None], words: str
) -> None:
    good = stripe_log[0]
    form = {**dict(parse_qsl(good.body)), **change}
    bad = replace(good, body=urlencode({name: value for name, value in form.items() if value is not None}))
    deviations = list(Facts("stripe_facts").deviations(bad))
    assert len(deviations) == 1
    assert words in deviations[0]


@pytest.mark.parametrize(
    "change",
    [
        {"Amount": 10.5}, {"Amount": 0}, {"PhoneNumber": "+254712345678"}, {"PartyA": "0712345678"},
        {"AccountReference": "7K3P-2M9X-7K3P"}, {"Timestamp": "2026-11-22"}, {"CallBackURL": "loket"},
        {"TransactionType": "PayBill"}, {"Pin": "1234"}, {"Password": None},
    ],
)  # fmt: skip
def test_a_push_that_deviates_is_found_out(daraja_log: list[Exchange], change: dict[str, object]) -> None:
    good = next(exchange for exchange in daraja_log if "stkpush/" in exchange.path)
    asked = {name: value for name, value in {**json.loads(good.body), **change}.items() if value is not None}
    assert len(list(Facts("daraja_facts").deviations(replace(good, body=json.dumps(asked))))) == 1


def test_an_operation_that_is_not_published_is_found_out(stripe_log: list[Exchange]) -> None:
    unknown = replace(stripe_log[0], path="/v1/cards")
    assert list(Facts("stripe_facts").deviations(unknown)) == ["there is no POST /v1/cards"]


def test_the_fake_keeps_stripes_word_on_keys(stripe_fake: FakeStripe) -> None:
    """What no description of fields says: the same key gives the same answer, or a refusal."""
    wanted = order(FEE)
    first = stripe.start(wanted, now=datetime.now(UTC))
    assert stripe.start(wanted, now=datetime.now(UTC)) == first
    with pytest.raises(ProviderRefused):
        stripe.start(replace(wanted, title="Another"), now=datetime.now(UTC))
    stripe_fake.keys.clear()
    stripe_fake.storm(Weather.ERROR)
    with pytest.raises(ProviderAway):
        stripe.start(wanted, now=datetime.now(UTC))

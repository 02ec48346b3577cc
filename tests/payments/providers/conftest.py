"""Providers on loopback, set up as an operator would, and orders to give them. No database."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from loket.kernel.money import Money
from loket.payments.providers.mpesa import daraja as daraja_client
from loket.payments.registry import Order, RefundOrder
from tests.fakes import daraja_server, stripe_server
from tests.fakes.daraja_server import FakeDaraja
from tests.fakes.stripe_server import FakeStripe


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def stripe_fake(settings: Settings) -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        settings.STRIPE_ADDRESS = fake.address
        settings.STRIPE_SECRET_KEY = stripe_server.KEY
        settings.STRIPE_WEBHOOK_SECRETS = (stripe_server.WEBHOOK_SECRET,)
        yield fake


@pytest.fixture
def daraja_fake(settings: Settings) -> Iterator[FakeDaraja]:
    daraja_client.tokens.forget()
    with FakeDaraja() as fake:
        settings.MPESA_ADDRESS = fake.address
        settings.MPESA_CONSUMER_KEY = daraja_server.CONSUMER_KEY
        settings.MPESA_CONSUMER_SECRET = daraja_server.CONSUMER_SECRET
        settings.MPESA_SHORTCODE, settings.MPESA_PASSKEY = daraja_server.SHORTCODE, daraja_server.PASSKEY
        settings.MPESA_INITIATOR = daraja_server.INITIATOR
        settings.MPESA_SECURITY_CREDENTIAL = daraja_server.CREDENTIAL
        settings.MPESA_TILL = ""
        yield fake


def money(amount: str, currency: str = "KES") -> Money:
    return Money(Decimal(amount), currency)


def order(amount: Money, *, language: str = "en", phone: str = "+254712345678") -> Order:
    return Order(
        attempt_id=uuid4(),
        amount=amount,
        title="Certificate of good conduct",
        reference="7K3P-2M9X",
        language=language,
        return_url="https://loket.example/en/pay/token/back/",
        callback_url="https://loket.example/api/v1/callbacks/x/",
        expires_at=datetime.fromtimestamp(int(time.time()), UTC) + timedelta(hours=1),
        phone=phone,
    )


def refund_order(
    transaction_id: str,
    amount: Money,
    refund_id: UUID | None = None,
    *,
    receipt: str = "",
    whole: bool = True,
    begun: str = "",
) -> RefundOrder:
    return RefundOrder(
        refund_id=refund_id or uuid4(),
        provider_ref="",
        transaction_id=transaction_id,
        amount=amount,
        reason="too_much",
        receipt=receipt,
        whole=whole,
        begun=begun,
        callback_url="https://loket.example/api/v1/callbacks/x/",
    )

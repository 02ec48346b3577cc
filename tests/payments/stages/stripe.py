"""Stripe's fake on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from pytest_django import Settings

from loket.kernel.money import Money
from tests.fakes import stripe_server
from tests.fakes.serving import Weather
from tests.fakes.stripe_server import FakeStripe
from tests.payments.stages import CallBack


class StripeStage:
    amount = Money(Decimal("1050.00"), "KES")
    phone = ""

    def __init__(self, fake: FakeStripe, now: datetime) -> None:
        self.fake, self.now = fake, now

    def pay(self, ref: str, amount: Money | None = None) -> bool:
        self.fake.pay(ref, int(amount.amount * 100) if amount else None)
        return True

    def decline(self, ref: str) -> bool:
        self.fake.expire(ref)
        return True

    def call_back(self, ref: str) -> CallBack:
        paid = self.fake.sessions[ref]["status"] == "complete"
        kind = "checkout.session.completed" if paid else "checkout.session.expired"
        headers, body = self.fake.webhook(kind, ref, self.now)
        return CallBack(headers, {}, body)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.fake.storm(Weather.HANGS_UP)
        yield
        self.fake.storm(Weather.FAIR)

    def given_back(self, ref: str) -> Decimal:
        paid_by = self.fake.sessions[ref]["payment_intent"]
        refunds = [made["amount"] for made in self.fake.refunds if made["payment_intent"] == paid_by]
        return Decimal(sum(refunds)) / 100


@contextmanager
def stage(settings: Settings, now: datetime) -> Iterator[StripeStage]:
    with FakeStripe() as fake:
        settings.STRIPE_ADDRESS = fake.address
        settings.STRIPE_SECRET_KEY = stripe_server.KEY
        settings.STRIPE_WEBHOOK_SECRETS = (stripe_server.WEBHOOK_SECRET,)
        yield StripeStage(fake, now)

"""Daraja's fake on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from pytest_django import Settings

from loket.kernel.money import Money
from loket.payments.providers.mpesa import daraja
from tests.fakes import daraja_server
from tests.fakes.daraja_server import FakeDaraja
from tests.fakes.serving import Weather
from tests.payments.stages import CallBack


class MpesaStage:
    amount = Money(Decimal("1050.00"), "KES")
    phone = "+254712345678"

    def __init__(self, fake: FakeDaraja) -> None:
        self.fake = fake

    def pay(self, ref: str, amount: Money | None = None) -> bool:
        if amount is not None:
            return False
        self.fake.confirm(ref)
        return True

    def decline(self, ref: str) -> bool:
        self.fake.refuse(ref)
        return True

    def call_back(self, ref: str) -> CallBack:
        query = dict(parse_qsl(urlsplit(self.fake.pushes[ref].callback).query))
        return CallBack({"content-type": "application/json"}, query, json.dumps(self.fake.told(ref)).encode())

    @contextmanager
    def away(self) -> Iterator[None]:
        self.fake.storm(Weather.HANGS_UP)
        yield
        self.fake.storm(Weather.FAIR)

    def given_back(self, ref: str) -> Decimal:
        receipt = self.fake.pushes[ref].receipt
        reversed_ = [made for made in self.fake.reversals if receipt == made["TransactionID"]]
        return sum((Decimal(made["Amount"]) for made in reversed_), Decimal(0))


@contextmanager
def stage(settings: Settings, now: datetime) -> Iterator[MpesaStage]:
    daraja.tokens.forget()
    with FakeDaraja() as fake:
        settings.MPESA_ADDRESS = fake.address
        settings.MPESA_CONSUMER_KEY = daraja_server.CONSUMER_KEY
        settings.MPESA_CONSUMER_SECRET = daraja_server.CONSUMER_SECRET
        settings.MPESA_SHORTCODE, settings.MPESA_PASSKEY = daraja_server.SHORTCODE, daraja_server.PASSKEY
        settings.MPESA_INITIATOR = daraja_server.INITIATOR
        settings.MPESA_SECURITY_CREDENTIAL = daraja_server.CREDENTIAL
        settings.MPESA_TILL = ""
        yield MpesaStage(fake)

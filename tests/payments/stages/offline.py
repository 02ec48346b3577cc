"""A bank or a till that tells nobody: the office records what came."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from pytest_django import Settings

from loket.kernel.money import Money


class OfflineStage:
    amount = Money(Decimal("1050.00"), "KES")
    phone = ""

    def pay(self, ref: str, amount: Money | None = None) -> bool:
        return False

    def decline(self, ref: str) -> bool:
        return False

    def call_back(self, ref: str) -> None:
        return None

    def away(self) -> None:
        return None

    def given_back(self, ref: str) -> Decimal:
        return Decimal(0)


@contextmanager
def stage(settings: Settings, now: datetime) -> Iterator[OfflineStage]:
    settings.BANK_ACCOUNT = {"": "Bank of Tumaini, account 0001"}
    yield OfflineStage()

"""The make-believe bank's own table is its world."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from pytest_django import Settings

from loket.kernel.money import Money
from loket.payments.models import SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.registry import Standing
from tests.payments.stages import CallBack


class SandboxStage:
    amount = Money(Decimal("1050.00"), "KES")
    phone = ""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def pay(self, ref: str, amount: Money | None = None) -> bool:
        page = SandboxPage.objects.get(ref=ref)
        paid = amount or Money(page.amount, page.currency)
        charge = {"id": f"chg_{ref}", "amount": str(paid.amount), "currency": paid.currency}
        page.state, page.charges = "approved", [{**charge, "at": self.now.isoformat(), "told": False}]
        page.save()
        return True

    def decline(self, ref: str) -> bool:
        SandboxPage.objects.filter(ref=ref).update(state="declined")
        return True

    def call_back(self, ref: str) -> CallBack:
        page = SandboxPage.objects.get(ref=ref)
        charge: dict[str, Any] | None = page.charges[0] if page.charges else None
        standing = {"approved": Standing.SUCCEEDED, "declined": Standing.FAILED}
        told = standing.get(page.state, Standing.PENDING)
        headers, body = bank.signed_call_back(page, told, charge, self.now)
        return CallBack(headers, {}, body)

    def away(self) -> None:
        return None

    def given_back(self, ref: str) -> Decimal:
        refunds = SandboxPage.objects.get(ref=ref).refunds.values()
        return sum((Decimal(refund["amount"]) for refund in refunds), Decimal(0))


@contextmanager
def stage(settings: Settings, now: datetime) -> Iterator[SandboxStage]:
    settings.DEMO = True
    yield SandboxStage(now)

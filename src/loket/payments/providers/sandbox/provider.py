"""A hosted payment page that takes no money: for the demo, with every way in which real ones misbehave.

Its bank's books are a small table; `bank` is what its page does to them.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from loket.kernel.ids import new_token
from loket.kernel.money import Money
from loket.kernel.text import Message, marked
from loket.payments.models import SandboxPage
from loket.payments.providers.sandbox import signing
from loket.payments.registry import (
    Asks,
    Forged,
    Notice,
    Order,
    ProviderRefused,
    Redirected,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
    Started,
)


class Sandbox:
    key = "sandbox"
    label = Message(marked("Card or phone (make-believe, for the demo)"))
    asks = Asks.NOTHING
    demo_only = True

    def configured(self) -> bool:
        return True

    def takes(self, amount: Money) -> bool:
        return True

    def start(self, order: Order, *, now: datetime) -> Started:
        page, _ = SandboxPage.objects.get_or_create(
            attempt_id=order.attempt_id,
            defaults={
                "ref": f"sbx_{new_token()[:24]}",
                "title": order.title[:300],
                "payee": order.payee.name[:300] if order.payee else "",
                "reference": order.reference,
                "amount": order.amount.amount,
                "currency": order.amount.currency,
                "language": order.language,
                "return_url": order.return_url,
            },
        )
        return Redirected(page.ref, f"{settings.PUBLIC_ADDRESS}/{order.language}/sandbox/pay/{page.ref}/")

    def read_return(self, query: Mapping[str, str]) -> str:
        return query.get("sandbox_payment", "")

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        signing.prove(
            next((value for name, value in headers.items() if name.lower() == signing.HEADER), ""), body, now
        )
        try:
            told = json.loads(body)
            return (_notice(told["ref"], Standing(told["standing"]), told["charge"], UUID(told["attempt"])),)
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise Forged from None

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        page = SandboxPage.objects.filter(ref=provider_ref).first()
        if page is None:
            raise ProviderRefused("unknown_payment")
        if page.charges:
            return _notice(page.ref, Standing.SUCCEEDED, page.charges[0], page.attempt_id)
        failed = page.state == "declined"
        return _notice(page.ref, Standing.FAILED if failed else Standing.PENDING, None, page.attempt_id)

    @transaction.atomic
    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        page = SandboxPage.objects.select_for_update().filter(ref=order.provider_ref).first()
        charge = (
            next((made for made in page.charges if made["id"] == order.transaction_id), None)
            if page
            else None
        )
        if page is None or charge is None:
            raise ProviderRefused("unknown_payment")
        refund_id = str(order.refund_id)
        if refund_id not in page.refunds:
            given = [
                Decimal(made["amount"]) for made in page.refunds.values() if made["charge"] == charge["id"]
            ]
            if sum(given) + order.amount.amount > Decimal(charge["amount"]):
                raise ProviderRefused("more_than_charged")
            page.refunds[refund_id] = {"charge": charge["id"], "amount": str(order.amount.amount)}
            page.save(update_fields=["refunds"])
        return Refunding(Standing.SUCCEEDED, refund_id)


def _notice(ref: str, standing: Standing, charge: Mapping[str, Any] | None, attempt_id: UUID) -> Notice:
    if charge is None:
        reason = "declined" if standing is Standing.FAILED else ""
        return Notice(ref, standing, reason=reason, attempt_id=attempt_id)
    return Notice(
        provider_ref=ref,
        standing=standing,
        transaction_id=charge["id"],
        amount=Money(Decimal(charge["amount"]), charge["currency"]).rounded(),
        at=datetime.fromisoformat(charge["at"]),
        attempt_id=attempt_id,
    )


provider = Sandbox()

"""What the make-believe bank does when somebody presses a button on its page. For the demo and for tests.

It tells by real, signed call-backs through the same door as every provider.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from loket.kernel.ids import new_token
from loket.kernel.money import Money
from loket.payments import actions
from loket.payments.models import SandboxPage
from loket.payments.providers.sandbox import signing
from loket.payments.providers.sandbox.provider import provider
from loket.payments.registry import Standing


class Doing(StrEnum):
    """The buttons of the page. `LATE`: the money is taken, and nothing is told until `tell`."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABANDON = "abandon"
    TOLD_TWICE = "told_twice"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    CHARGED_TWICE = "charged_twice"
    PARTLY = "partly"
    TOO_MUCH = "too_much"


@dataclass(frozen=True, slots=True)
class BankPage:
    """What the page shows. `open`: nothing was pressed yet. `waiting`: charges that were not told yet."""

    ref: str
    title: str
    payee: str
    reference: str
    amount: Money
    language: str
    return_url: str
    open: bool
    waiting: int


def page(ref: str) -> BankPage | None:
    """1 statement."""
    row = SandboxPage.objects.filter(ref=ref).first()
    if row is None:
        return None
    return BankPage(
        ref=row.ref,
        title=row.title,
        payee=row.payee,
        reference=row.reference,
        amount=Money(row.amount, row.currency).rounded(),
        language=row.language,
        return_url=_back(row),
        open=row.state == "open",
        waiting=sum(not charge["told"] for charge in row.charges),
    )


def press(*, ref: str, doing: Doing, now: datetime) -> str:
    """Does it, calls back as it would, and says where the person goes next.

    Pressed again it does nothing more. Raises LookupError for a page that is not there.
    """
    row = _decided(ref, doing, now)
    if row is not None:
        _tell_as(row, doing, now)
    shown = page(ref)
    if shown is None:
        raise LookupError(ref)
    return shown.return_url


def tell(*, ref: str, now: datetime) -> int:
    """Calls back for every charge that was not told yet; how many."""
    row = SandboxPage.objects.filter(ref=ref).first()
    waiting = [charge for charge in row.charges if not charge["told"]] if row else []
    for charge in waiting:
        assert row is not None
        _call_back(row, Standing.SUCCEEDED, charge, now)
    if row is not None and waiting:
        _mark_told(ref)
    return len(waiting)


def call_back(*, ref: str, standing: Standing, now: datetime) -> None:
    """Calls back once more: the first charge where it succeeded, else that it is pending or failed."""
    row = SandboxPage.objects.get(ref=ref)
    charge = row.charges[0] if row.charges and standing is Standing.SUCCEEDED else None
    _call_back(row, standing, charge, now)


@transaction.atomic
def _decided(ref: str, doing: Doing, now: datetime) -> SandboxPage | None:
    """The bank's books after the button; None where it had been pressed before."""
    row = SandboxPage.objects.select_for_update().filter(ref=ref).first()
    if row is None or row.state != "open" or doing is Doing.ABANDON:
        return None
    row.state = "declined" if doing is Doing.DECLINE else "approved"
    if doing is not Doing.DECLINE:
        row.charges = [_charge(row, amount, now) for amount in _amounts(row, doing)]
    row.save(update_fields=["state", "charges"])
    return row


def _amounts(row: SandboxPage, doing: Doing) -> list[Decimal]:
    full = Money(row.amount, row.currency)
    if doing is Doing.CHARGED_TWICE:
        return [full.amount, full.amount]
    share = {Doing.PARTLY: Decimal("0.5"), Doing.TOO_MUCH: Decimal("1.5")}.get(doing, Decimal(1))
    return [Money(full.amount * share, full.currency).rounded().amount]


def _charge(row: SandboxPage, amount: Decimal, now: datetime) -> dict[str, Any]:
    return {
        "id": f"chg_{new_token()[:24]}",
        "amount": str(amount),
        "currency": row.currency,
        "at": now.isoformat(),
        "told": False,
    }


def _tell_as(row: SandboxPage, doing: Doing, now: datetime) -> None:
    if doing is Doing.LATE:
        return
    if doing is Doing.DECLINE:
        _call_back(row, Standing.FAILED, None, now)
        return
    for charge in row.charges:
        _call_back(row, Standing.SUCCEEDED, charge, now)
    if doing is Doing.TOLD_TWICE:
        _call_back(row, Standing.SUCCEEDED, row.charges[0], now)
    if doing is Doing.OUT_OF_ORDER:
        # What a queue that overtakes itself delivers last: the older news.
        _call_back(row, Standing.PENDING, None, now)
        _call_back(row, Standing.FAILED, None, now)
    _mark_told(row.ref)


@transaction.atomic
def _mark_told(ref: str) -> None:
    row = SandboxPage.objects.select_for_update().get(ref=ref)
    row.charges = [{**charge, "told": True} for charge in row.charges]
    row.save(update_fields=["charges"])


def signed_call_back(
    row: SandboxPage, standing: Standing, charge: Mapping[str, Any] | None, now: datetime
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a call-back."""
    told = {"ref": row.ref, "attempt": row.attempt_id.hex, "standing": standing.value, "charge": charge}
    body = json.dumps(told, separators=(",", ":")).encode()
    return {signing.HEADER: signing.signature(body, now), "content-type": "application/json"}, body


def _call_back(row: SandboxPage, standing: Standing, charge: Mapping[str, Any] | None, now: datetime) -> None:
    headers, body = signed_call_back(row, standing, charge, now)
    actions.take_callback(provider=provider.key, headers=headers, query={}, body=body, now=now)


def _back(row: SandboxPage) -> str:
    return f"{row.return_url}?{urlencode({'sandbox_payment': row.ref})}"

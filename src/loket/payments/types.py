"""What payments takes from others and tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from loket.kernel.money import Money

LocalText = Mapping[str, str]


class SubjectKind(StrEnum):
    """What is paid for."""

    CASE = "case"


class PaymentState(StrEnum):
    """`PARTLY`: some money came, not enough. `CLOSED`: no longer asked for; what comes is given back."""

    DUE = "due"
    PARTLY = "partly"
    PAID = "paid"
    CLOSED = "closed"


class AttemptState(StrEnum):
    """A try to pay. `STARTED` may still end either way; `EXPIRED` is a start nobody finished."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Line:
    """What an amount is made of; a waiver's amount is negative."""

    label: LocalText
    amount: Money


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """`number` is without gaps in its agency and year, such as `TRA-2026-000123`."""

    number: str
    amount: Money
    paid_at: datetime
    provider: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as its payer and staff see it. `token` opens its page without any other secret."""

    id: UUID
    agency_id: int
    subject_kind: SubjectKind
    subject_id: UUID
    reference: str
    title: LocalText
    lines: tuple[Line, ...]
    amount: Money
    received: Money
    state: PaymentState
    created_at: datetime
    expires_at: datetime | None
    token: str
    receipts: tuple[ReceiptView, ...] = ()
    refunded: Money | None = None

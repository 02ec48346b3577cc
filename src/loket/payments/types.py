"""What payments takes from others and tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from loket.kernel.money import Money
from loket.kernel.text import Message

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


# What money is still asked for.
OPEN = frozenset({PaymentState.DUE, PaymentState.PARTLY})


class AttemptState(StrEnum):
    """A try to pay. `STARTED` may still end either way; `EXPIRED` is a start nobody finished."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """`ASKED`: the provider works on it. `FAILED`: it won't, and like `BY_HAND` the office has to."""

    DUE = "due"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    BY_HAND = "by_hand"


class RefundReason(StrEnum):
    """Why money goes back. Only `DECIDED` takes from what a receipt was given for."""

    TOO_MUCH = "too_much"
    PAID_TWICE = "paid_twice"
    TOO_LATE = "too_late"
    NOT_OWED = "not_owed"
    OTHER_CURRENCY = "other_currency"
    UNKNOWN_PAYER = "unknown_payer"
    DECIDED = "decided"


class CloseReason(StrEnum):
    """Why a payment is no longer asked for."""

    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class BillState(StrEnum):
    """`CONTESTED`: nobody need pay until that is decided. `PAID` and `CANCELLED` are for good."""

    OPEN = "open"
    PAID = "paid"
    CONTESTED = "contested"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill or fine. `number` is as it was printed, `what` what it is for."""

    id: UUID
    agency_id: int
    register: str
    number: str
    amount: Money
    what: LocalText
    place: str
    issued_on: date
    due_on: date
    state: BillState


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
class AttemptView:
    """A try to pay. `reason` is a plain word for staff where it failed."""

    id: UUID
    provider: str
    state: AttemptState
    amount: Money
    started_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money that goes back. `trouble` is a plain word for staff."""

    id: UUID
    payment_id: UUID | None
    provider: str
    transaction_id: str
    reference: str
    amount: Money
    reason: RefundReason
    state: RefundState
    created_at: datetime
    ended_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as its payer and staff see it. `token` opens its page without any other secret.

    `received` is what was taken in and not given back; `outstanding` what is still to be paid, zero where
    nothing is owed any more. After an erasure `subject_id` is None and `reference` empty.
    """

    id: UUID
    agency_id: int
    subject_kind: SubjectKind
    subject_id: UUID | None
    reference: str
    title: LocalText
    lines: tuple[Line, ...]
    amount: Money
    received: Money
    outstanding: Money
    state: PaymentState
    created_at: datetime
    expires_at: datetime | None
    token: str
    bill_id: UUID | None = None
    paid_at: datetime | None = None
    receipts: tuple[ReceiptView, ...] = ()
    refunded: Money | None = None
    attempts: tuple[AttemptView, ...] = ()
    refunds: tuple[RefundView, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether money is still asked for, its time to be paid left aside."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class WayToPay:
    """A provider as people choose it. `asks_phone`: it has to know a telephone number first."""

    key: str
    label: Message
    asks_phone: bool


@dataclass(frozen=True, slots=True)
class MoneyView:
    """A piece of money that came and belongs to no payment yet."""

    id: UUID
    agency_id: int
    provider: str
    transaction_id: str
    reference: str
    amount: Money
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedView:
    """What a provider told of a try that nobody here knows."""

    id: int
    provider: str
    provider_ref: str
    transaction_id: str
    amount: Money | None
    standing: str
    parked_at: datetime
    times: int


class DifferenceKind(StrEnum):
    """`UNSEEN`: the provider has money that we haven't. `UNKNOWN_THERE`: we have some that it denies."""

    UNSEEN = "unseen"
    UNKNOWN_THERE = "unknown_there"
    OTHER_AMOUNT = "other_amount"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where provider and ledger disagree. `NOT_ASKED`: the provider could not be asked that day."""

    kind: DifferenceKind
    provider: str
    provider_ref: str
    transaction_id: str
    ours: Money | None
    theirs: Money | None


class EntryKind(StrEnum):
    """What a line of the daily report tells."""

    MONEY_IN = "money_in"
    RECEIPT = "receipt"
    REFUND = "refund"
    HELD = "held"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a daily report. `detail` is a plain word: why, or how it stands."""

    kind: EntryKind
    at: datetime
    provider: str
    reference: str
    number: str
    amount: Money
    detail: str


@dataclass(frozen=True, slots=True)
class Totals:
    """One currency's sums of a day. `held` is at the end of it.

    `held_before` + `money_in` = `receipted` + `returned` + `held`. `reversed_receipts` is what went back of
    money that receipts had been given for, and is no part of `returned`. `balanced`: what is written on each
    piece of money agrees with all receipts and refunds ever written.
    """

    currency: str
    held_before: Money
    money_in: Money
    receipted: Money
    returned: Money
    held: Money
    reversed_receipts: Money
    balanced: bool


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What happened to an agency's money on one day of its own time zone."""

    agency_id: int
    day: date
    entries: tuple[Entry, ...]
    totals: tuple[Totals, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class MoneyStanding:
    """Where providers' books differed from ours lately, and what they said that nobody understood."""

    differing: int
    parked: int

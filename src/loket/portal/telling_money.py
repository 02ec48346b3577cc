"""A payment in plain words for whoever pays it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from markupsafe import Markup

from loket.kernel.money import Money
from loket.kernel.text import Message
from loket.payments import queries as payments
from loket.payments.registry import providers
from loket.payments.types import (
    Line,
    PaymentState,
    PaymentView,
    ReceiptView,
    RefundState,
    RefundView,
    SubjectKind,
)
from loket.portal import addresses
from loket.web.qr import qr_code
from loket.web.words import language, local_text

_DONE = frozenset({RefundState.DONE})


@dataclass(frozen=True, slots=True)
class BillLine:
    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """`way` is how it was paid."""

    number: str
    amount: Money
    at: datetime
    way: Message | str


@dataclass(frozen=True, slots=True)
class Refund:
    amount: Money
    at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class Way:
    key: str
    label: Message
    asks_phone: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody pays, or paid. `state` is open, paid or over; `absolute` its address for a code to scan.

    `came` is what came so far of an open one; `over_since` when the time to pay was over.
    """

    title: str
    reference: str
    lines: tuple[BillLine, ...]
    amount: Money
    outstanding: Money
    came: Money | None
    state: str
    until: datetime | None
    over_since: datetime | None
    receipt: Receipt | None
    refunds: tuple[Refund, ...]
    href: str
    absolute: str

    def code(self, name: str) -> Markup:
        """To be scanned by a phone."""
        return qr_code(self.absolute, name)


def bills_of_case(case_id: UUID, now: datetime, *, knowing: bool) -> tuple[Bill, ...]:
    found = payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case_id)
    return tuple(bill(payment, now, knowing=knowing) for payment in found)


def bill(payment: PaymentView, now: datetime, *, knowing: bool = False) -> Bill:
    """`knowing`: for somebody who may see the answers.

    Why a fee was reduced tells about them (a disability, a low income): whoever holds only the link or the
    reference reads that it was reduced, and not why.
    """
    is_open = may_be_paid(payment, now)
    href = addresses.of_payment("pay", payment.token)
    return Bill(
        title=local_text(payment.title),
        reference=payment.reference,
        lines=tuple(_line(line, knowing=knowing) for line in payment.lines),
        amount=payment.amount,
        outstanding=payment.outstanding,
        came=payment.received if is_open and payment.received.amount else None,
        state="open" if is_open else "paid" if payment.state is PaymentState.PAID else "over",
        until=payment.expires_at,
        over_since=payment.expires_at if payment.expires_at and payment.expires_at <= now else None,
        receipt=_receipt(payment.receipts[0]) if payment.receipts else None,
        refunds=tuple(_refund(refund) for refund in payment.refunds),
        href=href,
        absolute=f"{settings.PUBLIC_ADDRESS}/{language()}/pay/{payment.token}/",
    )


def _line(line: Line, *, knowing: bool) -> BillLine:
    hidden = line.amount.amount < 0 and not knowing
    return BillLine(_("Reduction") if hidden else local_text(line.label), line.amount)


def may_be_paid(payment: PaymentView, now: datetime | None = None) -> bool:
    """Whether it is still asked for; with `now` also whether its time is not over."""
    in_time = now is None or payment.expires_at is None or payment.expires_at > now
    return payment.is_open and in_time


def ways(payment: PaymentView) -> tuple[Way, ...]:
    return tuple(Way(way.key, way.label, way.asks_phone) for way in payments.ways_to_pay(payment.outstanding))


def way_called(key: str) -> Message | str:
    """A provider's name; its key where it is gone."""
    return providers[key].label if key in providers else key


def _receipt(receipt: ReceiptView) -> Receipt:
    return Receipt(receipt.number, receipt.amount, receipt.paid_at, way_called(receipt.provider))


def _refund(refund: RefundView) -> Refund:
    return Refund(refund.amount, refund.ended_at or refund.created_at, refund.state in _DONE)

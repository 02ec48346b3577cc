"""Facts that payments publishes, inside the transaction that makes them true."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.kernel.money import Money
from loket.payments.types import SubjectKind


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """A payment is paid in full, and its receipt is numbered. Published once for each payment."""

    payment_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    amount: Money
    receipt_number: str
    provider: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyReturned:
    """Money that was too much, too late or not owed goes back. `reason` is a plain word."""

    payment_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    amount: Money
    reason: str
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentLapsed:
    """The time to pay was over, so that it is no longer asked for. `amount` is what was not paid."""

    payment_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    amount: Money
    lapsed_at: datetime


@dataclass(frozen=True, slots=True)
class BillPaidByAnother:
    """A payment was closed, because the bill it was asked for is paid by somebody else."""

    payment_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    paid_at: datetime

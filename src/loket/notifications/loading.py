"""Messages as moulds for others: for whoever makes a made-up past in bulk. Nothing is sent to anybody."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from loket.kernel.casting import Digested, Row, Sealed
from loket.kernel.moulded import row_of
from loket.notifications import delivery, preferring, routing, sealing, tallying
from loket.notifications.delivery import LEASE, Outcome
from loket.notifications.models import Message
from loket.notifications.registry import Receipt
from loket.notifications.types import KEEP_TRYING, Medium, State, SubjectKind
from loket.privacy.actions import DataKey

TOOK = timedelta(seconds=2)
# How far from the moment at which a message is due its other moments can be.
AFTER_DUE = (timedelta(), TOOK, LEASE, KEEP_TRYING)
# By agency, day and medium.
Tally = Mapping[tuple[int, date, str], int]
_NOBODY = "none"


def goes_at(moment: datetime, medium: Medium, zone: ZoneInfo) -> datetime:
    """When a message that is not urgent goes, to somebody who never said when they sleep."""
    return preferring.next_allowed(moment, preferring.USUAL_QUIET[medium], zone)


def pretend_delivered(subject_id: UUID) -> None:
    """Everything queued for a case goes when it is due and takes TOOK, by the first channel of its medium.

    The same writes as in a delivery; only the provider is left out.
    """
    for row in Message.objects.filter(
        subject_id=subject_id, subject_kind=SubjectKind.CASE.value, state=State.QUEUED.value
    ):
        (claim,) = delivery.claimed(Message.objects.filter(id=row.id), 1, row.due_at, LEASE)
        channel = routing.channel_for(Medium(row.medium))
        outcome = Outcome(
            claim, row.due_at + TOOK, channel.key if channel else _NOBODY, receipt=Receipt(str(row.id))
        )
        delivery.settle([outcome], now=row.due_at + TOOK)


def ready_from(moment: datetime) -> int:
    """What waits since a made-up past could not have gone before `moment`: it is no delay. How many."""
    return Message.objects.filter(state=State.QUEUED.value, ready_at__lt=moment).update(ready_at=moment)


def messages_of(subject_id: UUID, key: DataKey) -> tuple[Row, ...]:
    """Oldest first (1 statement)."""
    rows = Message.objects.filter(subject_id=subject_id, subject_kind=SubjectKind.CASE.value).order_by("id")
    return tuple(_row(row, key) for row in rows)


def count_handed(handed: Tally) -> None:
    """Adds messages that went at once to the numbers of their days (a statement for each)."""
    tallying.add({(key, name): count for key, count in handed.items() for name in tallying.AT_ONCE})


def _row(row: Message, key: DataKey) -> Row:
    address = sealing.address_of(row, key)
    return row_of(
        row,
        sealed_address=Sealed(address.encode(), sealing.about_address(row.id)),
        sealed_text=Sealed(sealing.packed(sealing.text_of(row, key)), sealing.about_text(row.id)),
        address_digest=Digested(_BY_MEDIUM[Medium(row.medium)], (address,)),
    )


def _by_email(address: str) -> bytes:
    return preferring.address_digest(Medium.EMAIL, address)


def _by_sms(address: str) -> bytes:
    return preferring.address_digest(Medium.SMS, address)


_BY_MEDIUM = {Medium.EMAIL: _by_email, Medium.SMS: _by_sms}

"""What notifications takes from others and tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from loket.kernel.refusals import Refusal
from loket.privacy.actions import DataKey

# How long a message is tried; a caller may shorten it for what goes stale, such as a code.
KEEP_TRYING = timedelta(hours=72)


class Medium(StrEnum):
    """How people are reached. Which channel carries it is the operator's choice."""

    EMAIL = "email"
    SMS = "sms"


class SubjectKind(StrEnum):
    CASE = "case"
    DRAFT = "draft"
    PERSON = "person"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A message as the person will read it: plain text. SMS channels leave the subject out."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case's key in the key store, already open."""

    id: UUID
    key: DataKey


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send.

    `case_key` seals it, so that it goes dark with the case; without it the message gets a key of its own.
    `purpose` is a plain word for staff (`stage_changed`, `code`); `idempotency_key` holds ids, never an
    address. `address` is an e-mail address, or a number in E.164 form. Not sent before `not_before`.
    An `urgent` one is sent in quiet hours too; a `reminder` is one that the person may have switched off.
    """

    agency_id: int
    subject_kind: SubjectKind
    subject_id: UUID
    medium: Medium
    address: str
    text: RenderedText
    purpose: str
    idempotency_key: str
    case_key: CaseKey | None = None
    not_before: datetime | None = None
    keep_trying: timedelta = field(default=KEEP_TRYING)
    urgent: bool = False
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message in a timeline. `trouble` is a code, empty where all went well."""

    id: UUID
    purpose: str
    medium: Medium
    masked_address: str
    subject: str
    body: str
    language: str
    state: State
    attempts: int
    trouble: str
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None
    delivered_at: datetime | None = None
    bounced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotArrived:
    """A message that failed or came back, for staff: what about and why, not whom or what it said."""

    id: UUID
    subject_id: UUID
    agency_id: int
    medium: Medium
    purpose: str
    at: datetime
    trouble: str
    bounced: bool


@dataclass(frozen=True, slots=True)
class DayOfMessages:
    """Numbers of messages of one day (UTC). `within_10s` of the moment from which they could have gone."""

    day: date
    handed: int
    within_10s: int
    within_1m: int
    failed: int
    delivered: int
    bounced: int
    uncertain: int


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to be written to. `quiet` None: as is usual; both hours the same: none."""

    reminders: bool = True
    quiet: tuple[int, int] | None = None
    language: str = ""
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """What the demo shows in place of a letter box or a telephone."""

    id: UUID
    medium: Medium
    address: str
    subject: str
    body: str
    language: str
    sent_at: datetime
    agency_id: int


class OnlyInDemo(Refusal):
    """The outbox shows everybody's messages; there is none outside the demo."""

    code = "only_in_demo"


class NoSuchAddressee(Refusal):
    """A link that we did not make."""

    code = "no_such_addressee"


class NoSuchChannel(Refusal):
    """Nobody of that name carries messages."""

    code = "no_such_channel"


@dataclass(frozen=True, slots=True)
class MessagesStanding:
    """What should be on its way by medium and how late the latest is; given up in the last hour.

    `uncertain`: tried again today though its first sender died in the middle.
    """

    due: Mapping[Medium, int]
    oldest_seconds: float
    failed: int
    uncertain: int

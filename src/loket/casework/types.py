"""The words of casework as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from loket.casework.explained import Explained
from loket.casework.money_told import MoneyTold
from loket.documents.types import RegisterEntry
from loket.forms.journey import SummaryRow
from loket.forms.types import FileRef, JsonValue
from loket.kernel.actors import ActorKind
from loket.notifications.types import MessageView
from loket.privacy.types import AccessRecord
from loket.workflow.definition import ReasonOption, ReasonRule

LocalText = Mapping[str, str]


class Phase(StrEnum):
    """Where a case is, whatever its service calls the stage. `UNPAID`: sent, and begins when it is paid."""

    UNPAID = "unpaid"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Happened(StrEnum):
    """What an event on the timeline is."""

    SUBMITTED = "submitted"
    MOVED = "moved"
    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    NOTED = "noted"
    ASSIGNED = "assigned"
    TOLD = "told"
    PAID = "paid"
    RETURNED = "returned"
    PAYMENT_ASKED = "payment_asked"
    PAYMENT_LAPSED = "payment_lapsed"
    ARRIVED = "arrived"
    SENT_ON = "sent_on"
    COLLECTED = "collected"


class Pickup(StrEnum):
    """Where a thing is that a person will pick up."""

    BEING_MADE = "being_made"
    AT_CENTRE = "at_centre"
    HANDED_OVER = "handed_over"
    UNCOLLECTED = "uncollected"


class Proof(StrEnum):
    """By what the person at the counter was known."""

    PIN = "pin"
    ID_SEEN = "id_seen"


class IdKind(StrEnum):
    """What was seen; its number is never kept."""

    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    OTHER = "other"


class PaperKind(StrEnum):
    """What a document of a case is. `ISSUED`: what an `issue` effect makes, such as a licence."""

    SUBMISSION = "submission"
    DECISION = "decision"
    RECEIPT = "receipt"
    ISSUED = "issued"


class ReminderKind(StrEnum):
    """What a person is reminded of."""

    UNPAID = "unpaid"
    UNCOLLECTED = "uncollected"
    ANSWER_DUE = "answer_due"
    EXPIRY = "expiry"


class Due(StrEnum):
    """How a worklist may be narrowed by the promise."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "week"


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """A page of a reply: what may be answered anew, and what is only shown."""

    id: str
    open: tuple[str, ...]
    closed: tuple[str, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: reasons from the service's library, and the officer's own words."""

    chosen: tuple[LocalText, ...]
    words: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened. `stage` is the label of the stage it led to, `action` the officer's choice.

    `agency_told` names the agency of a `TOLD` entry, `place` the centre of a thing; `note` is for staff only.
    """

    event_id: UUID
    at: datetime
    happened: Happened
    actor_kind: ActorKind
    actor_name: str
    action: LocalText
    stage: LocalText
    says: LocalText
    reason: Reason | None
    asked: str
    changed: tuple[LocalText, ...]
    note: str
    agency_told: LocalText
    undone: bool
    money: MoneyTold | None = None
    why: Explained = field(default_factory=Explained)
    place: LocalText = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectionStatus:
    """Where the thing is, since when, and until when if that is known; `centre` is a key of the agency's.

    `pin` only for whoever may see the whole case; `paper_pin`: the PIN on their paper serves.
    """

    state: Pickup
    centre: str
    since: datetime
    until: datetime | None
    pin: str
    paper_pin: bool


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A thing on its way over the counter, as staff sees it in a list or while handing it over."""

    case_id: UUID
    reference: str
    service_title: LocalText
    agency_id: int
    display: tuple[str, ...]
    state: Pickup
    centre: str
    since: datetime
    until: datetime | None
    returned: bool
    has_pin: bool
    language: str


@dataclass(frozen=True, slots=True)
class CounterCounts:
    """How much there is, at most `CASES_COUNTED` of each; by centre where one was asked for."""

    being_made: int = 0
    at_centre: int = 0
    uncollected: int = 0


@dataclass(frozen=True, slots=True)
class CounterList:
    """One page; `following` is the cursor of the next one, empty at the end."""

    rows: tuple[CounterRow, ...]
    following: str
    counts: CounterCounts


@dataclass(frozen=True, slots=True)
class PaperView:
    """A document of the case. `title` is the service's own name for it, empty but for what it issues.

    `file_id` is None while it is being made; `failed_at` says when that last went wrong. `entry` is what
    the register has of a certificate. `superseded`: a newer one took its place.
    """

    id: UUID
    kind: PaperKind
    title: LocalText
    asked_at: datetime
    made_at: datetime | None
    failed_at: datetime | None
    file_id: UUID | None
    size: int
    superseded: bool
    entry: RegisterEntry | None


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """What a reference and a contact open: stage and dates, no more. Unpaid, `due_at` is when it lapses."""

    case_id: UUID
    reference: str
    service_title: LocalText
    agency_id: int
    stage: LocalText
    phase: Phase
    outcome: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    answer_by: datetime | None
    can_receive_code: bool
    steps: tuple[TimelineEntry, ...]
    collection: CollectionStatus | None = None


@dataclass(frozen=True, slots=True)
class OpenInquiry:
    """What is being asked back: the officer's words and the questions reopened."""

    message: str
    asked_at: datetime
    questions: tuple[LocalText, ...]


@dataclass(frozen=True, slots=True)
class ApplicantCase:
    """What its applicant may see. `choices` opens how they are written to, empty without an address."""

    status: CaseStatus
    rows: tuple[SummaryRow, ...]
    files: tuple[FileRef, ...]
    timeline: tuple[TimelineEntry, ...]
    decision: TimelineEntry | None
    inquiry: OpenInquiry | None
    accesses: tuple[AccessRecord, ...]
    messages: tuple[MessageView, ...]
    appeal: LocalText
    papers: tuple[PaperView, ...]
    choices: str = ""


@dataclass(frozen=True, slots=True)
class ActionOffer:
    """An action that an officer may take now."""

    key: str
    label: LocalText
    reason: ReasonRule
    reasons: tuple[ReasonOption, ...]
    asks: bool
    reversible: bool


@dataclass(frozen=True, slots=True)
class UndoOffer:
    event_id: UUID
    action: LocalText
    until: datetime


@dataclass(frozen=True, slots=True)
class Askable:
    """A question whose answer may be reopened."""

    id: str
    label: LocalText


@dataclass(frozen=True, slots=True)
class StaffCase:
    """A case as staff sees it; that they did is on record."""

    id: UUID
    reference: str
    revision: int
    agency_id: int
    service_title: LocalText
    language: str
    stage: LocalText
    phase: Phase
    outcome: str
    opened_at: datetime
    due_at: datetime
    answer_by: datetime | None
    closed_at: datetime | None
    assigned_to: str
    assigned_to_me: bool
    contact_channel: str
    contact_address: str
    rows: tuple[SummaryRow, ...]
    files: tuple[FileRef, ...]
    timeline: tuple[TimelineEntry, ...]
    inquiry: OpenInquiry | None
    accesses: tuple[AccessRecord, ...]
    messages: tuple[MessageView, ...]
    papers: tuple[PaperView, ...]
    may_withdraw: bool
    may_work: bool
    actions: tuple[ActionOffer, ...]
    askable: tuple[Askable, ...]
    undo: UndoOffer | None
    collection: CounterRow | None = None
    answers: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorklistRow:
    id: UUID
    reference: str
    service_title: LocalText
    agency_id: int
    stage: LocalText
    phase: Phase
    display: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    unread: bool
    assigned_to: str
    closed_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many cases rest in a stage; at most `CASES_COUNTED` are counted."""

    key: str
    label: LocalText
    cases: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in a worklist before it is narrowed: of its first `CASES_COUNTED`; `more` may be there."""

    cases: int = 0
    late: int = 0
    unread: int = 0
    mine: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """How a worklist is narrowed. `stage` is `<service id>.<stage>` or empty."""

    phase: Phase = Phase.OPEN
    stage: str = ""
    due: Due | None = None
    mine: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page; `following` is the cursor of the next one or empty, `counter` what waits at counters."""

    rows: tuple[WorklistRow, ...]
    following: str
    stages: tuple[StageCount, ...]
    counts: Counts = Counts()
    counter: CounterCounts = CounterCounts()


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: UUID
    told_at: datetime
    received_at: datetime | None
    from_agency_id: int
    service_title: LocalText
    reference: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What another agency told this one: the named answers only."""

    row: NoticeRow
    rows: tuple[SummaryRow, ...]

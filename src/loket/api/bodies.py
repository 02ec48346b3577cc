"""The shapes of what is sent and answered, from which the description is made."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

LanguageCode = Literal["en", "id", "sw"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Sent(Schema):
    """Refuses fields that it doesn't know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewApplication(Sent):
    """Answers by the question's id, each as the service's definition describes it."""

    answers: dict[str, Any]
    language: LanguageCode | None = None


class Submitted(Schema):
    """An application that began."""

    reference: str
    status_address: str
    pay_address: str | None = None
    pin: str | None = None


class Agency(Schema):
    key: str
    name: str
    timezone: str
    services: int


class Agencies(Schema):
    """One page; `next` is the cursor of the following one, null at the end."""

    items: list[Agency]
    next: str | None


class LifeEventShown(Schema):
    key: str
    name: str


class LifeEvents(Schema):
    items: list[LifeEventShown]


class ServiceCard(Schema):
    agency: str
    agency_name: str
    key: str
    title: str
    summary: str
    life_events: list[str]
    languages: list[str]
    takes_minutes: int
    address: str


class Services(Schema):
    """One page; `next` is the cursor of the following one, null at the end."""

    items: list[ServiceCard]
    next: str | None


class QuestionShown(Schema):
    """`when` is an expression. `schema` is what an answer has to look like, null for a note."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    kind: str
    label: str
    hint: str | None
    required: bool
    when: str | None
    answer_schema: dict[str, Any] | None = Field(alias="schema")
    settings: dict[str, Any]


class CheckShown(Schema):
    """Has to be true of the answers; `at` is the question that the message belongs to."""

    check: str
    message: str
    at: str | None


class PageShown(Schema):
    id: str
    title: str | None
    when: str | None
    questions: list[QuestionShown]
    checks: list[CheckShown]


class CalculatedShown(Schema):
    id: str
    value: str
    label: str | None


class FeeShown(Schema):
    """`amount` is an expression that gives major units of the currency."""

    id: str
    label: str
    currency: str
    amount: str
    when: str | None


class ServiceDefinition(Schema):
    """A published version. `version` is the hash of its content."""

    agency: str
    agency_name: str
    key: str
    version: str
    language: str
    languages: list[str]
    title: str
    summary: str
    purpose: str
    takes_minutes: int
    needs: list[str]
    promise: dict[str, int]
    pages: list[PageShown]
    calculated: list[CalculatedShown]
    fees: list[FeeShown]


class AskedStatus(Sent):
    """`proof` is the e-mail address, phone number or PIN that goes with the reference."""

    reference: Annotated[str, Field(min_length=8, max_length=40)]
    proof: Annotated[str, Field(min_length=1, max_length=254)]


class Step(Schema):
    at: datetime
    stage: str


class Status(Schema):
    """Stage and dates. Unpaid, `due_at` is when it lapses."""

    reference: str
    agency: str
    service: str
    phase: Literal["unpaid", "open", "waiting", "closed"]
    stage: str
    outcome: str | None
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    answer_by: datetime | None
    steps: list[Step]


class ErrorTold(Schema):
    """`question` and `part` of an answer; with no question, `part` is the path of the field."""

    question: str
    part: str
    message: str
    code: str


class Problem(Schema):
    """RFC 9457. `title`, `detail` and messages are in the language asked for; `code` never changes."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[ErrorTold] | None = None


class NewDraft(Sent):
    """May begin with answers, or empty."""

    answers: dict[str, Any] = Field(default_factory=dict)
    language: LanguageCode | None = None


class SomeAnswers(Sent):
    """Answers by the question's id. null empties one."""

    answers: dict[str, Any]
    language: LanguageCode | None = None


class DraftShown(Schema):
    """`open` are the questions still to be answered, `reference` what it was sent as.

    `draft_token` comes once, with the draft's beginning.
    """

    agency: str
    service: str
    version: str
    language: str
    answers: dict[str, Any]
    open: list[str]
    complete: bool
    expires_at: datetime
    reference: str | None
    draft_token: str | None = None


class FileShown(Schema):
    """`size` in bytes."""

    id: UUID
    name: str
    size: int
    media_type: str


class Attached(Schema):
    """All files of the question."""

    question: str
    files: list[FileShown]


PhaseName = Literal["unpaid", "open", "waiting", "closed"]


class CaseEntryShown(Schema):
    """`stage` is a key of the service's workflow; `revision` goes up with every change."""

    reference: str
    service: str
    title: str
    phase: PhaseName
    stage: str
    stage_label: str
    outcome: str | None
    revision: int
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


class Cases(Schema):
    """One page; `next` is the cursor of the following one, null at the end."""

    items: list[CaseEntryShown]
    next: str | None


class ContactShown(Schema):
    channel: Literal["email", "sms", "none"]
    address: str


class EventShown(Schema):
    """`by` is staff, applicant or system."""

    id: UUID
    at: datetime
    happened: str
    by: str
    name: str | None
    action: str | None
    stage: str | None
    undone: bool


class CaseShown(CaseEntryShown):
    """A case with its answers and all that happened to it."""

    language: str
    contact: ContactShown
    answers: dict[str, Any]
    files: list[FileShown]
    events: list[EventShown]


_Word = Annotated[str, Field(max_length=64)]
_Words = Annotated[str, Field(max_length=5_000)]


class Acted(Sent):
    """`reasons` are the action's own, `words` free. An action that asks needs `message` and `questions`."""

    revision: Annotated[int, Field(ge=0, le=2**31 - 1)]
    reasons: Annotated[list[_Word], Field(max_length=50)] = []
    words: _Words = ""
    message: _Words = ""
    questions: Annotated[list[_Word], Field(max_length=500)] = []


class EndpointShown(Schema):
    """A system that is told. `off`: why it gets nothing. `failing_since` is null while it takes things."""

    id: UUID
    address: str
    events: list[str]
    services: list[str]
    off: Literal["gone", "failing", "by_hand"] | None
    failing_since: datetime | None
    waiting: int
    parked: int


class Endpoints(Schema):
    items: list[EndpointShown]


class ParkedShown(Schema):
    """An event that did not arrive. `id` is the delivery's, `event` what the receiver would have read."""

    id: UUID
    event: str
    type: str
    reference: str | None
    happened_at: datetime
    attempts: int
    trouble: str
    status: int | None
    answer: str


class Parked(Schema):
    """One page; `next` is the cursor of the following one, null at the end."""

    items: list[ParkedShown]
    next: str | None


class SentAgain(Schema):
    """How many events are tried once more."""

    sent_again: int


class DoneAction(Schema):
    """The event that the action made, and the case as it now stands."""

    event: UUID
    case: CaseEntryShown

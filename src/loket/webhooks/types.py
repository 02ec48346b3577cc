"""The words of webhooks as values, and what it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from loket.kernel.refusals import Refusal


class EventType(StrEnum):
    """What receivers may be told of. `TEST` can't be chosen: it comes when somebody asks for it."""

    SUBMITTED = "case.submitted"
    PAID = "case.paid"
    STAGE_CHANGED = "case.stage_changed"
    DECIDED = "case.decided"
    CLOSED = "case.closed"
    DOCUMENT_ISSUED = "case.document_issued"
    TEST = "webhook.test"


CHOOSABLE = tuple(one for one in EventType if one is not EventType.TEST)


class State(StrEnum):
    """Where a delivery is. `PARKED`: given up, and kept to be sent again by hand."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    PARKED = "parked"


class Off(StrEnum):
    """Why an endpoint gets nothing: it answered 410, it failed too long, or somebody switched it off."""

    GONE = "gone"
    FAILING = "failing"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a case. `data` goes out as it is, so it holds no answers and no names.

    `cause` is what it follows from: taking that back takes the fact back as long as it has not gone.
    Nothing goes out before `not_before`.
    """

    type: EventType
    cause: UUID
    agency_id: int
    subject_id: UUID
    service: str
    at: datetime
    not_before: datetime
    data: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint as its administrator sees it. No `services`: all of the agency's."""

    id: UUID
    agency_id: int
    address: str
    events: tuple[EventType, ...]
    services: tuple[str, ...]
    created_at: datetime
    off: Off | None
    off_since: datetime | None
    failures: int
    failing_since: datetime | None
    two_secrets_until: datetime | None
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery. `trouble` is a code, `status` what the receiver answered, `answer` how that began."""

    id: UUID
    event_id: UUID
    type: EventType
    reference: str
    state: State
    attempts: int
    created_at: datetime
    due_at: datetime
    attempted_at: datetime | None
    ended_at: datetime | None
    status: int | None
    trouble: str
    answer: str

    @property
    def event(self) -> str:
        return shown_id(self.event_id)


def shown_id(event_id: UUID) -> str:
    """An event's id as receivers know it."""
    return f"evt_{event_id.hex}"


class NoSuchEndpoint(Refusal):
    """The agency has no such endpoint, or no longer."""

    code = "no_such_endpoint"


class NoSuchDelivery(Refusal):
    """Nothing of the sort is parked."""

    code = "no_such_delivery"


class EndpointOff(Refusal):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint_off"


class BadAddress(Refusal):
    """Not an address that may be told anything; `why` is a code of AddressProblem."""

    code = "bad_address"


class NothingChosen(Refusal):
    """An endpoint that is told of nothing."""

    code = "nothing_chosen"


class TooManyEndpoints(Refusal):
    """More than an agency may have; `most` says how many that is."""

    code = "too_many_endpoints"

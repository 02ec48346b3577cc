"""Facts that webhooks publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.webhooks.types import Off


@dataclass(frozen=True, slots=True)
class EndpointDisabled:
    """An endpoint gets nothing any more, because of what it answered and not by anybody's hand."""

    endpoint_id: UUID
    agency_id: int
    host: str
    why: Off
    since: datetime
    at: datetime

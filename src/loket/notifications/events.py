"""Facts that notifications publishes."""

from dataclasses import dataclass
from uuid import UUID

from loket.notifications.types import SubjectKind


@dataclass(frozen=True, slots=True)
class MessageFailed:
    """A message was given up. `trouble` is a code."""

    message_id: UUID
    agency_id: int
    subject_kind: SubjectKind
    subject_id: UUID
    purpose: str
    trouble: str

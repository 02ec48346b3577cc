"""What this context publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.forms.types import Answers, FileRef
from loket.privacy.types import DataKey


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted:
    """Published inside the submitting transaction. The draft's key dies with that transaction."""

    reference: str
    agency_id: int
    version_id: int
    language: str
    answers: Answers
    files: tuple[FileRef, ...]
    draft_id: UUID
    draft_key: DataKey
    paper_pin: str | None
    submitted_at: datetime

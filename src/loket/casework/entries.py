"""Cases as programs list them: nothing that anybody wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.casework.types import Phase


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """How a program narrows its agency's cases; empty: all of them."""

    service: str = ""
    phase: str = ""
    stage: str = ""
    updated_since: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case in a list. `stage` is a key of its service's workflow, `stage_label` what people read."""

    id: UUID
    reference: str
    service: str
    title: Mapping[str, str]
    stage: str
    stage_label: Mapping[str, str]
    phase: Phase
    outcome: str
    revision: int
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None

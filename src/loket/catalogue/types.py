"""What the catalogue tells others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

VersionId: TypeAlias = int
ServiceId: TypeAlias = int


class Level(StrEnum):
    """How grave a finding is. `NOT_SHOWN`: may well be right, but couldn't be proved."""

    ERROR = "error"
    WARNING = "warning"
    NOT_SHOWN = "not_shown"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something about a pack at a place in its file. Lines and columns count from 1.

    `str()` gives `file:line:column: level code message`, as editors understand it.
    """

    file: str
    line: int
    column: int
    level: Level
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.level} {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class LiveService:
    """A service as people may use it now, as far as lists need it."""

    service_id: ServiceId
    version_id: VersionId
    agency_id: int
    agency_key: str
    agency_names: Mapping[str, str]
    key: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    keywords: Mapping[str, tuple[str, ...]]
    life_events: tuple[str, ...]
    languages: tuple[str, ...]
    takes_minutes: int
    starts: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """A published version. `published_by` is a person's id, or empty for the system."""

    version_id: VersionId
    service_id: ServiceId
    content_hash: str
    published_at: datetime
    published_by: str
    live: bool

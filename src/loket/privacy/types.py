"""Subjects, what is held about them, and who looked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from loket.kernel.actors import Actor

# The reason of a look that belongs to somebody's assigned work; any other reason is typed by them.
ASSIGNED_WORK = "assigned_work"
# Found by a name, number or address that the person gave, typed whole; anything more needs a typed reason.
EXACT_ANSWER = "exact_answer"


class AccessKind(StrEnum):
    """How a case was looked at: opened by itself or a file of it, found by a look-up, or with many others."""

    OPENED = "opened"
    FILE_OPENED = "file_opened"
    LOOKED_UP = "looked_up"
    LISTED = "listed"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One look at one case, as its subject is shown it. `reason` is ASSIGNED_WORK or typed."""

    at: datetime
    actor_id: str
    actor_name: str
    agency_id: int
    agency_names: Mapping[str, str]
    kind: AccessKind
    reason: str


class SubjectKind(StrEnum):
    PERSON = "person"
    CASE = "case"
    DRAFT = "draft"
    BILL = "bill"


@dataclass(frozen=True, slots=True)
class Subject:
    """What data is held about: an account, a case, a draft or a bill. Keys of its own carry the same id."""

    kind: SubjectKind
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Clue:
    """What somebody who asks about their data can tell; each may be empty."""

    person_id: UUID | None = None
    contact: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A piece of a copy of somebody's data, as a file."""

    name: str
    media_type: str
    content: bytes


def _nothing_expires(now: datetime) -> int:
    """For what goes with its subject and has no term of its own."""
    return 0


@dataclass(frozen=True, slots=True)
class Holding:
    """What one context holds about people. Kinds of subject that it doesn't know give nothing and 0.

    `find` leads from a clue to subjects. `export` opens what is held about one and may be shown by now.
    `erase` removes or blanks its rows, may refuse (`Refusal`) while a law keeps them, and changes nothing
    when repeated; the keys are destroyed by who calls it. `count` says how many rows are held. `expire`
    erases what is past its term. The numbers are rows.
    """

    name: str
    find: Callable[[Clue], tuple[Subject, ...]]
    export: Callable[[Subject, datetime], Iterator[Copy]]
    erase: Callable[[Subject, Actor, datetime], int]
    count: Callable[[Subject], int]
    expire: Callable[[datetime], int] = _nothing_expires


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure took: rows by holding, and keys."""

    rows: Mapping[str, int]
    keys: int

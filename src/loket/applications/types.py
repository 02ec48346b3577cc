"""The words of filling in as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from loket.files.types import Readable
from loket.forms.types import Answers, Problem


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the browser sent it."""

    name: str
    content: Readable


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft opened with its token. `reference` is set once it was submitted; then `answers` is empty.

    `link_sent`: a link that opens it is on its way to an address.
    """

    id: UUID
    agency_id: int
    version_id: int
    language: str
    answers: Answers
    expires_at: datetime
    save_reference: str | None
    link_sent: bool
    reference: str | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of answering a page: the token to keep, what now stands, and what has to be mended.

    `revealed` are questions that the answers made appear on the same page: it has to be shown again.
    """

    token: str | None
    answers: Answers
    problems: Mapping[str, Problem]
    revealed: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return not self.problems and not self.revealed


@dataclass(frozen=True, slots=True)
class Submitted:
    """`again` where the draft had been submitted before; nothing was then done twice."""

    reference: str
    again: bool


@dataclass(frozen=True, slots=True)
class SavedOnPaper:
    reference: str
    pin: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OnceKey:
    """A program's own key for one thing it sends. `owner` is who chose it, `body` all that was sent."""

    owner: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class SubmittedWhole:
    """`pin` where no address was given to send news to. `again`: it was sent before under the same key."""

    reference: str
    pin: str | None
    again: bool

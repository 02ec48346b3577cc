"""Who does something: the `by` of every action."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    APPLICANT = "applicant"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who acts. `id` is the person's id for staff, and empty for anonymous applicants."""

    kind: ActorKind
    id: str = ""
    name: str = ""


APPLICANT = Actor(ActorKind.APPLICANT)
SYSTEM = Actor(ActorKind.SYSTEM)

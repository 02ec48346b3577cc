"""Reading the record and judging it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from loket.audit.models import Entry
from loket.audit.signing import public_keys
from loket.audit.types import Verdict
from loket.audit.verification import verify_everything

__all__ = ["Recorded", "public_keys", "recorded_about", "subjects_of", "unsealed_since", "verify"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry of the record. `facts` are sorted by name."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    facts: tuple[tuple[str, str | int], ...]


def recorded_about(about: str) -> tuple[Recorded, ...]:
    """What was done to one thing (`kind:id`), oldest first (1 statement)."""
    kind, _, about_id = about.partition(":")
    rows = Entry.objects.filter(about_kind=kind, about_id=about_id).order_by("at", "id")
    return tuple(
        Recorded(row.pk, row.at, row.actor_kind, row.actor_id, row.action, tuple(sorted(row.facts.items())))
        for row in rows
    )


def unsealed_since() -> datetime | None:
    """When the oldest entry was made that is not sealed yet (1 statement, by its index)."""
    return Entry.objects.filter(seal=None).order_by("id").values_list("at", flat=True).first()


def verify() -> Verdict:
    """Computes the whole log again and compares it with its checkpoints and the witness."""
    return verify_everything()


def subjects_of(action: str) -> Iterator[str]:
    """The ids that an action was ever recorded about, each once, read in pieces (1 statement)."""
    rows = Entry.objects.filter(action=action).order_by("about_id").values_list("about_id", flat=True)
    return rows.distinct().iterator(chunk_size=2_000)

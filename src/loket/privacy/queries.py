"""Reading who looked, and what is held about whom."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from loket.privacy.keystore.models import StoredKey
from loket.privacy.models import AccessRow
from loket.privacy.registry import holdings
from loket.privacy.types import AccessKind, AccessRecord, Clue, Subject


def accesses_of(case_id: UUID, now: datetime) -> tuple[AccessRecord, ...]:
    """Looks at a case that its subject may be shown by now, newest first (1 statement)."""
    return _records(AccessRow.objects.filter(case_ids__contains=[case_id], shown_from__lte=now))


def all_accesses_of(case_id: UUID) -> tuple[AccessRecord, ...]:
    """The same with those that a law still hides from the subject: for privacy officers."""
    return _records(AccessRow.objects.filter(case_ids__contains=[case_id]))


def _records(rows: QuerySet[AccessRow]) -> tuple[AccessRecord, ...]:
    return tuple(
        AccessRecord(
            at=row.at,
            actor_id=row.actor_id,
            actor_name=row.actor_name,
            agency_id=row.agency_id,
            agency_names=row.agency_names,
            kind=AccessKind(row.kind),
            reason=row.reason,
        )
        for row in rows.order_by("-at", "-id").defer("case_ids")
    )


def subjects_of(clue: Clue) -> tuple[Subject, ...]:
    """Whatever any context finds by a clue, each once."""
    return tuple(dict.fromkeys(subject for held in holdings() for subject in held.find(clue)))


def counts_of(subject: Subject) -> Mapping[str, int]:
    """How many rows each context holds about a subject."""
    return {held.name: held.count(subject) for held in holdings()}


def state_of_keys(key_ids: Collection[UUID]) -> Mapping[UUID, bool]:
    """Of each key that the key store has or had: whether it was destroyed (1 statement there)."""
    rows = StoredKey.objects.filter(id__in=key_ids).values_list("id", "destroyed_at")
    return {key_id: destroyed_at is not None for key_id, destroyed_at in rows}


def subjects_with_keys(subjects: Collection[UUID]) -> tuple[UUID, ...]:
    """Those of them whose keys can still be opened (1 statement there)."""
    rows = StoredKey.objects.filter(subject__in=subjects, destroyed_at=None).order_by("subject")
    return tuple(rows.values_list("subject", flat=True).distinct())

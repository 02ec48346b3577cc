"""What webhooks holds about people: which case was told of to whom, and what the receiver answered."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from loket.kernel.actors import Actor
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind
from loket.webhooks.models import Delivery


def _rows(subject: Subject) -> QuerySet[Delivery]:
    if subject.kind is not SubjectKind.CASE:
        return Delivery.objects.none()
    return Delivery.objects.filter(subject_id=subject.id)


def _find(clue: Clue) -> tuple[Subject, ...]:
    """The case is found by its own holding."""
    return ()


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    told = [
        {"event": row.type, "at": row.created_at.isoformat(), "state": row.state}
        for row in _rows(subject).order_by("created_at", "id")
    ]
    if told:
        yield Copy("told-to-other-systems.json", "application/json", json.dumps(told, indent=2).encode())


def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    return _rows(subject).delete()[0]


def _count(subject: Subject) -> int:
    return _rows(subject).count()


def register() -> None:
    register_holding(Holding("webhooks", _find, _export, _erase, _count))

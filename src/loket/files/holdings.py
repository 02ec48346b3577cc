"""What files holds about people, for erasure and for the count."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from loket.files import actions
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.kernel.actors import Actor
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind

# A reply belongs to its case.
_OWNERS = {
    SubjectKind.CASE: (OwnerKind.CASE, OwnerKind.REPLY),
    SubjectKind.DRAFT: (OwnerKind.DRAFT,),
}


def _find(clue: Clue) -> tuple[Subject, ...]:
    """A file leads to nobody: its owner does."""
    return ()


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    """Nothing: the keys are with the draft or case, whose own holding adds its files to the copy."""
    return iter(())


def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    return sum(
        actions.delete_all_of(owner_kind=kind, owner_id=subject.id, by=by, now=now)
        for kind in _OWNERS.get(subject.kind, ())
    )


def _count(subject: Subject) -> int:
    return _rows(subject).count()


def _rows(subject: Subject) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(owner_id=subject.id, owner_kind__in=_OWNERS.get(subject.kind, ()))


def register() -> None:
    register_holding(Holding("files", _find, _export, _erase, _count))

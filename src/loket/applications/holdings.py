"""What is held about people who are filling in: drafts. Files and messages have holdings of their own."""

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from loket.applications import drafts
from loket.applications.actions.discarding import purge_expired
from loket.applications.models import Draft
from loket.applications.uploads import files_in
from loket.files import actions as files
from loket.files import queries as stored
from loket.files.types import OwnerKind
from loket.forms.answering import answers_to_json
from loket.kernel.actors import Actor
from loket.kernel.ids import normalised_reference
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind


def _rows(subject: Subject) -> "list[Draft]":
    return list(Draft.objects.filter(id=subject.id)) if subject.kind is SubjectKind.DRAFT else []


def _find(clue: Clue) -> tuple[Subject, ...]:
    """By the reference on paper; a draft says nothing else about whose it is."""
    reference = normalised_reference(clue.reference)
    found = Draft.objects.filter(save_reference=reference) if reference else Draft.objects.none()
    return tuple(Subject(SubjectKind.DRAFT, row.id) for row in found)


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    for row in _rows(subject):
        if row.wrapped_key is not None:
            draft = drafts.opened(row)
            answers = answers_to_json(draft.service.form, draft.answers)
            content = json.dumps(answers, ensure_ascii=False, indent=2).encode()
            yield Copy("draft.json", "application/json", content)
            for ref in files_in(draft.answers):
                opened = stored.open_file(
                    file_id=UUID(ref.id), owner_kind=OwnerKind.DRAFT, owner_id=row.id, key=draft.key
                )
                yield Copy(opened.ref.name, opened.ref.media_type, opened.content)


def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    rows = _rows(subject)
    for row in rows:
        files.delete_all_of(owner_kind=OwnerKind.DRAFT, owner_id=row.id, by=by, now=now)
        row.delete()
    return len(rows)


def _count(subject: Subject) -> int:
    return len(_rows(subject))


def _expire(now: datetime) -> int:
    return purge_expired(now=now)


def register() -> None:
    register_holding(Holding("drafts", _find, _export, _erase, _count, _expire))

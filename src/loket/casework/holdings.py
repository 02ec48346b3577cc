"""What is held about applicants: their cases. Files, messages and looks have holdings of their own."""

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from loket.casework import erasing, tracking
from loket.casework.identifying import typed_contact_digest
from loket.casework.models import Case
from loket.casework.types import ApplicantCase
from loket.kernel.actors import Actor
from loket.kernel.ids import normalised_reference
from loket.kernel.text import in_language
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind


def _rows(subject: Subject, *, lock: bool = False) -> "list[Case]":
    if subject.kind is not SubjectKind.CASE:
        return []
    rows = Case.objects.select_for_update() if lock else Case.objects.all()
    return list(rows.filter(id=subject.id))


def _find(clue: Clue) -> tuple[Subject, ...]:
    """By reference, or by the contact an application was sent with."""
    reference = normalised_reference(clue.reference)
    found = list(Case.objects.filter(reference=reference)) if reference else []
    if clue.contact:
        found += Case.objects.filter(contact_digest=typed_contact_digest(clue.contact))
    return tuple(dict.fromkeys(Subject(SubjectKind.CASE, row.id) for row in found))


def _export(subject: Subject, now: datetime) -> Iterator[Copy]:
    for row in _rows(subject):
        if row.erased_at is None:
            seen = tracking.whole_case(row, now)
            yield Copy("case.json", "application/json", _as_json(row, seen))
            for ref in seen.files:
                opened = tracking.applicant_file(row.id, UUID(ref.id))
                yield Copy(opened.ref.name, opened.ref.media_type, opened.content)
            for paper in seen.papers:
                if paper.file_id is not None:
                    made = tracking.applicant_file(row.id, paper.file_id)
                    yield Copy(made.ref.name, made.ref.media_type, made.content)


def _as_json(row: Case, seen: ApplicantCase) -> bytes:
    told = {
        "reference": seen.status.reference,
        "service": in_language(seen.status.service_title, row.language),
        "opened_at": row.opened_at.isoformat(),
        "stage": in_language(seen.status.stage, row.language),
        "answers": [
            {
                "question": in_language(answer.question.label, row.language),
                "answer": [line if isinstance(line, str) else line.msgid for line in answer.lines],
            }
            for answer in seen.rows
        ],
        "timeline": [
            {"at": entry.at.isoformat(), "what": entry.happened.value, "by": entry.actor_name}
            for entry in seen.timeline
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def _erase(subject: Subject, by: Actor, now: datetime) -> int:
    return sum(erasing.erase(row, now) for row in _rows(subject, lock=True))


def _count(subject: Subject) -> int:
    return sum(1 for row in _rows(subject) if row.erased_at is None)


def register() -> None:
    register_holding(Holding("cases", _find, _export, _erase, _count, erasing.expire))

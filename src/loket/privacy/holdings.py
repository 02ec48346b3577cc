"""The holdings of the floors at and below privacy: accounts (identity) and access records (privacy)."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from loket.identity import actions as identity_actions
from loket.identity import queries as identity
from loket.kernel.actors import Actor
from loket.privacy import queries
from loket.privacy.registry import register_holding
from loket.privacy.types import Clue, Copy, Holding, Subject, SubjectKind

_JSON = "application/json"


def _find_account(clue: Clue) -> tuple[Subject, ...]:
    found = (
        identity.person(clue.person_id) if clue.person_id else None,
        identity.person_by_email(clue.contact) if clue.contact else None,
    )
    return tuple(Subject(SubjectKind.PERSON, person.id) for person in found if person is not None)


def _export_account(subject: Subject, now: datetime) -> Iterator[Copy]:
    person = identity.person(subject.id) if subject.kind is SubjectKind.PERSON else None
    if person is not None:
        staff = identity.staff_member(subject.id)
        posts = [dataclasses.asdict(post) for post in staff.posts] if staff else []
        yield _as_json("account.json", {**dataclasses.asdict(person), "posts": posts})


def _erase_account(subject: Subject, by: Actor, now: datetime) -> int:
    if subject.kind is not SubjectKind.PERSON:
        return 0
    return identity_actions.erase_person(person_id=subject.id, by=by, now=now)


def _count_account(subject: Subject) -> int:
    if subject.kind is not SubjectKind.PERSON or identity.person(subject.id) is None:
        return 0
    staff = identity.staff_member(subject.id)
    return 1 + (len(staff.posts) if staff else 0)


def _find_no_access(clue: Clue) -> tuple[Subject, ...]:
    """Access records know cases by id only; who holds the cases finds them."""
    return ()


def _export_access(subject: Subject, now: datetime) -> Iterator[Copy]:
    if subject.kind is SubjectKind.CASE:
        records = queries.accesses_of(subject.id, now)
        if records:
            yield _as_json("access.json", [dataclasses.asdict(record) for record in records])


def _keep_access(subject: Subject, by: Actor, now: datetime) -> int:
    """Who looked stays on record for the law's term, with the case's id and nothing of its contents."""
    return 0


def _count_access(subject: Subject) -> int:
    return len(queries.all_accesses_of(subject.id)) if subject.kind is SubjectKind.CASE else 0


def _as_json(name: str, data: object) -> Copy:
    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        raise TypeError(type(value).__name__)

    return Copy(name, _JSON, json.dumps(data, ensure_ascii=False, indent=2, default=plain).encode())


def register() -> None:
    register_holding(Holding("accounts", _find_account, _export_account, _erase_account, _count_account))
    register_holding(Holding("access", _find_no_access, _export_access, _keep_access, _count_access))

"""Drafts opened and sealed: the one place where a draft's key meets its answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from loket.applications.models import Draft
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.answering import answers_from_json, answers_to_json
from loket.forms.types import Answers, JourneyContext
from loket.identity.types import AgencyView
from loket.kernel import compact_json
from loket.kernel.ids import token_hash
from loket.kernel.prepared import Prepared
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey

_FOUND = Prepared(lambda token_hash, now: Draft.objects.filter(token_hash=token_hash, expires_at__gt=now)[:1])
_FOUND_TO_CHANGE = Prepared(
    lambda token_hash, now: Draft.objects.select_for_update().filter(
        token_hash=token_hash, expires_at__gt=now
    )[:1]
)
T = TypeVar("T")
_TRIES = 3
# How long a draft waits for its person; every answer starts the term again.
KEPT_FOR = timedelta(days=30)


class NoSuchDraft(Refusal):
    """The token opens nothing: it is wrong, or the draft has expired or was cleared."""

    code = "no_such_draft"


class AlreadySubmitted(Refusal):
    """The draft was submitted; `reference` says as what."""

    code = "already_submitted"


class ChangedMeanwhile(Exception):
    """Another request has changed the draft, which nobody held, since it was read."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft's row with its key and what it holds."""

    row: Draft
    key: DataKey
    service: CompiledService
    answers: Answers


def find(token: str, now: datetime, *, lock: bool = False) -> Draft | None:
    """One statement. `lock` holds the row until the transaction ends."""
    return (_FOUND_TO_CHANGE if lock else _FOUND).first(token_hash(token), now)


def locked(token: str, now: datetime) -> OpenDraft:
    """The draft, locked. Raises NoSuchDraft, AlreadySubmitted."""
    row = find(token, now, lock=True)
    if row is None:
        raise NoSuchDraft()
    return opened(row)


def changed(token: str, now: datetime, change: Callable[[OpenDraft], T]) -> T:
    """What `change` does with the draft, where nothing but its row is written: a read and a write, no lock.

    The write (`actions.answering.keep`) finds the row only as it was read. Where another tab was faster,
    `change` begins anew with what that one left; nearly nobody has to, and everybody saves a lock and a
    transaction. Raises NoSuchDraft, AlreadySubmitted.
    """
    for _ in range(_TRIES):
        row = find(token, now)
        if row is None:
            raise NoSuchDraft()
        try:
            return change(opened(row))
        except ChangedMeanwhile:
            continue
    with transaction.atomic():
        return change(locked(token, now))


def opened(row: Draft) -> OpenDraft:
    """Raises AlreadySubmitted where nothing is left to open."""
    if row.wrapped_key is None or row.sealed_answers is None:
        raise AlreadySubmitted(reference=row.reference or "")
    key = privacy.unwrap(bytes(row.wrapped_key))
    service = catalogue.compiled(row.version_id)
    stored = compact_json.load_record(key.decrypt(bytes(row.sealed_answers), about=row.id.bytes))
    return OpenDraft(row, key, service, answers_from_json(service.form, stored))


def sealed(draft: OpenDraft, answers: Answers) -> bytes:
    stored = compact_json.dump(answers_to_json(draft.service.form, answers))
    return draft.key.encrypt(stored, about=draft.row.id.bytes)


def journey_context(agency: AgencyView, language: str, now: datetime) -> JourneyContext:
    """What a journey in this agency depends on besides its answers."""
    return JourneyContext(
        now=now,
        country=agency.country,
        language=language,
        timezone=agency.timezone,
        calendar=agency.calendar,
        centres=agency.centres,
    )

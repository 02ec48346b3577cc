"""Answering a page of a form."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from loket.applications import bills, drafts
from loket.applications.drafts import KEPT_FOR, OpenDraft
from loket.applications.models import Draft
from loket.applications.types import Answered, Upload
from loket.applications.uploads import Owner, take_in, without_files
from loket.catalogue.compiled import CompiledService
from loket.files.types import OwnerKind
from loket.forms.answering import answer_page
from loket.forms.journey import Journey
from loket.forms.types import Answers, Raw
from loket.identity import queries as identity
from loket.kernel import rows
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id, new_token, token_hash
from loket.privacy import actions as privacy


def answer(
    *,
    token: str | None,
    service: CompiledService,
    page_id: str,
    raw: Mapping[str, Raw],
    files: Mapping[str, Sequence[Upload]],
    removed: Mapping[str, Sequence[str]],
    language: str,
    by: Actor,
    now: datetime,
) -> Answered:
    """Answers one page and keeps it, in two statements where no files are involved.

    The first good answer makes the draft and its token. An answer with a problem is not kept, but files
    that arrived with it are, so that nobody uploads twice. `removed` names stored files to drop.
    Raises NoSuchDraft, AlreadySubmitted, NoSuchPage, and what `files` raises for a full disk.
    """

    def change(draft: OpenDraft) -> Answered:
        return _answered(draft, token, page_id, raw, files, removed, language, by, now)

    if files or removed:
        with transaction.atomic():
            return change(drafts.locked(token, now) if token else unsaved(service, language, now))
    return drafts.changed(token, now, change) if token else change(unsaved(service, language, now))


def _answered(
    draft: OpenDraft,
    token: str | None,
    page_id: str,
    raw: Mapping[str, Raw],
    files: Mapping[str, Sequence[Upload]],
    removed: Mapping[str, Sequence[str]],
    language: str,
    by: Actor,
    now: datetime,
) -> Answered:
    agency = identity.agency_known(draft.row.agency_id)
    context = drafts.journey_context(agency, language, now)
    journey = Journey(draft.service.form, draft.answers, context)
    owner = Owner(OwnerKind.DRAFT, draft.row.id, draft.key, agency.id)
    page = journey.page(page_id)
    kept = take_in(owner, page, draft.answers, files, removed, by=by, now=now)
    typed = bills.without_finds(draft.service.form, without_files(draft.service.form, raw))
    result = answer_page(
        draft.service.form,
        kept.answers,
        page_id,
        {**typed, **kept.raw, **bills.look_up(page, raw, agency.id)},
        context,
    )
    problems = {**result.problems, **kept.problems}
    if problems and not kept.changed:
        return Answered(token, draft.answers, problems, result.revealed)
    answers = kept.answers if problems else result.answers
    # What was found is shown before the person goes on.
    revealed = (*result.revealed, *bills.newly_found(page, draft.answers, answers))
    return Answered(keep(draft, token, answers, language, now), answers, problems, revealed)


def keep(draft: OpenDraft, token: str | None, answers: Answers, language: str, now: datetime) -> str:
    """Seals the answers into the draft, which begins where there is no token yet; its token (1 statement).

    Raises ChangedMeanwhile where the row is no longer as it was read: no sealing comes twice.
    """
    before = draft.row.sealed_answers
    draft.row.sealed_answers = drafts.sealed(draft, answers)
    draft.row.language = language
    draft.row.changed_at = now
    draft.row.expires_at = now + KEPT_FOR
    if token:
        names = ("sealed_answers", "language", "changed_at", "expires_at")
        if not rows.update(draft.row, *names, where={"sealed_answers": before}):
            raise drafts.ChangedMeanwhile
        return token
    token = new_token()
    draft.row.token_hash = token_hash(token)
    rows.insert(draft.row)
    return token


def unsaved(service: CompiledService, language: str, now: datetime) -> OpenDraft:
    key, wrapped = privacy.new_wrapped_key()
    row = Draft(
        id=new_id(),
        agency_id=service.agency_id,
        version_id=service.version_id,
        language=language,
        wrapped_key=wrapped,
        created_at=now,
    )
    return OpenDraft(row, key, service, {})

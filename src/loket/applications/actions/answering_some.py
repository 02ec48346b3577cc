"""Answering any part of a form at once, and its files one by one: how programs fill in a draft."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from loket.applications import bills, drafts
from loket.applications.actions.answering import keep, unsaved
from loket.applications.drafts import OpenDraft
from loket.applications.types import Answered, Upload
from loket.applications.uploads import Owner, take_in, without_files
from loket.catalogue.compiled import CompiledService
from loket.files.types import OwnerKind
from loket.forms import whole
from loket.forms.journey import Journey, JourneyPage
from loket.forms.kinds.file.kind import FileQuestion
from loket.forms.types import FileRef, Problem
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel.actors import Actor
from loket.kernel.refusals import Refusal


class NotAnswered(Refusal):
    """Answers are missing or wrong: `problems` by question, in order of asking."""

    code = "not_answered"

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__()
        self.problems = problems


class NoSuchFile(Refusal):
    """The draft asks for no such file now, or has none."""

    code = "no_such_file"


def answer_some(
    *,
    token: str | None,
    service: CompiledService | None,
    given: Mapping[str, object],
    language: str,
    by: Actor,
    now: datetime,
) -> Answered:
    """Answers sent as JSON by question id: all of them are kept, or none. Without a token a draft begins.

    `service` is only needed to begin. What was answered before and is not among them stays; null empties.
    Raises NoSuchDraft, AlreadySubmitted, NotAnswered.
    """

    def change(draft: OpenDraft) -> Answered:
        return _answered(draft, token, given, language, now)

    if token is not None:
        return drafts.changed(token, now, change)
    if service is None:
        raise ValueError("a draft begins with a service")
    return change(unsaved(service, language, now))


def _answered(
    draft: OpenDraft, token: str | None, given: Mapping[str, object], language: str, now: datetime
) -> Answered:
    form, agency = draft.service.form, identity.agency_known(draft.row.agency_id)
    raw, misshapen = whole.raw_of_json(form, given, language)
    found = bills.look_up_sent(form, without_files(form, raw), agency.id)
    context = drafts.journey_context(agency, language, now)
    result = whole.answer_some(form, draft.answers, found, context)
    problems = {**result.problems, **misshapen}
    if problems:
        raise NotAnswered(whole.in_order(form, problems))
    return Answered(keep(draft, token, result.answers, language, now), result.answers, {})


@transaction.atomic
def attach(
    *, token: str, question: str, upload: Upload, language: str, by: Actor, now: datetime
) -> tuple[FileRef, ...]:
    """Stores a file with a question; all of that question's files.

    Raises NoSuchDraft, AlreadySubmitted, NoSuchFile where the question is not asked, NotAnswered where the
    file can't be taken, and what `files` raises for a full disk.
    """
    draft, page, agency = _page_of_files(token, question, language, now)
    taken = take_in(_owner(draft, agency), page, draft.answers, {question: [upload]}, {}, by=by, now=now)
    if taken.problems:
        raise NotAnswered(taken.problems)
    keep(draft, token, taken.answers, language, now)
    return _files(taken.answers.get(question))


@transaction.atomic
def detach(*, token: str, question: str, file_id: str, language: str, by: Actor, now: datetime) -> None:
    """Drops a file. Raises as `attach` does."""
    draft, page, agency = _page_of_files(token, question, language, now)
    if not any(ref.id == file_id for ref in _files(draft.answers.get(question))):
        raise NoSuchFile()
    owner = _owner(draft, agency)
    taken = take_in(owner, page, draft.answers, {}, {question: [file_id]}, by=by, now=now)
    keep(draft, token, taken.answers, language, now)


def _page_of_files(
    token: str, question: str, language: str, now: datetime
) -> tuple[OpenDraft, JourneyPage, AgencyView]:
    draft = drafts.locked(token, now)
    agency = identity.agency_known(draft.row.agency_id)
    journey = Journey(draft.service.form, draft.answers, drafts.journey_context(agency, language, now))
    known = draft.service.form.questions.get(question)
    page = journey.page(known.page_id) if known else None
    asked = page.questions if page else ()
    if page is None or not any(one.id == question and isinstance(one, FileQuestion) for one in asked):
        raise NoSuchFile()
    return draft, page, agency


def _owner(draft: OpenDraft, agency: AgencyView) -> Owner:
    return Owner(OwnerKind.DRAFT, draft.row.id, draft.key, agency.id)


def _files(value: object) -> tuple[FileRef, ...]:
    return tuple(ref for ref in value if isinstance(ref, FileRef)) if isinstance(value, tuple) else ()

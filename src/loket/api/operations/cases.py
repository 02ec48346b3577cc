"""Working cases: what the desk does, for programs of the agency."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeAlias
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query

from loket.api import answers, pace
from loket.api.bearer import agencys_token
from loket.api.bodies import Acted, Cases, CaseShown, DoneAction, PhaseName
from loket.api.operations.catalogue import Cursor, Limit, Spoken
from loket.api.problems import (
    CONFLICT,
    NOT_AS_DESCRIBED,
    NOT_FOUND,
    REASON,
    ApiProblem,
    FieldError,
    Kind,
)
from loket.api.reading import Takes
from loket.api.surface import operation
from loket.casework import actions as casework
from loket.casework import queries
from loket.casework.entries import CaseEntry, CaseFilters
from loket.casework.refusals import NoSuchCase, NothingAsked, ReasonToLook, Stale
from loket.casework.types import StaffCase, TimelineEntry
from loket.files.types import FileMissing
from loket.identity.types import ApiTokenView, Scope
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message, marked
from loket.web.access import Program
from loket.web.words import language, local_text
from loket.workflow.engine import ActionNotAllowed, GivenReason, ReasonMissing, ReasonUnknown

Reason: TypeAlias = Annotated[str | None, Header(alias="Loket-Reason", max_length=500)]
KeyWord: TypeAlias = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")]

WHY = Message(marked("Say in the header Loket-Reason why you look. The applicant reads it."))
TIMEZONE = Message(marked("Write the time with its zone, such as 2026-11-22T09:00:00Z"))
NO_REASON = Message(marked("This action needs a reason: one of its own, or words"))
NO_SUCH_REASON = Message(marked("This action has no such reason"))
ASK_WHAT = Message(marked("Write a message, and name at least one question to be answered again"))
NOT_NOW = Message(marked("This action is not possible where the case is now"))
MOVED_ON = Message(marked("Somebody acted on the case since that revision"))

_REFUSED: tuple[tuple[type[Refusal], Kind, Message | None], ...] = (
    (NoSuchCase, NOT_FOUND, None),
    (FileMissing, NOT_FOUND, None),
    (ReasonToLook, REASON, WHY),
    (Stale, CONFLICT, MOVED_ON),
    (ActionNotAllowed, CONFLICT, NOT_NOW),
)
_FIELDS: tuple[tuple[type[Refusal], str, Message], ...] = (
    (ReasonMissing, "body.reasons", NO_REASON),
    (ReasonUnknown, "body.reasons", NO_SUCH_REASON),
    (NothingAsked, "body.message", ASK_WHAT),
)
_READING = (400, 401, 403, 404, 422, 429)
_READ, _ACT = Program(Scope.READ_CASES), Program(Scope.ACT_ON_CASES)


@operation(
    "GET",
    "/cases",
    rule=_READ,
    answers={200: Cases},
    tag="cases",
    summary=marked("List the agency's cases"),
    about=marked(
        "In the order in which they came. Nothing that anybody wrote: for that, each case is read by itself."
    ),
    problems=_READING,
)
def list_cases(
    request: HttpRequest,
    service: KeyWord = None,
    phase: PhaseName | None = None,
    stage: KeyWord = None,
    updated_since: datetime | None = None,
    spoken: Spoken = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    if updated_since is not None and updated_since.tzinfo is None:
        raise _wrong("query.updated_since", TIMEZONE)
    filters = CaseFilters(service or "", phase or "", stage or "", updated_since)
    name = f"cases.{token.agency_id}"
    rows = queries.cases_of(token.agency_id, filters, answers.after_id(name, cursor), limit + 1)
    shown, following = answers.page_of(rows, limit, name, lambda row: str(row.id))
    return answers.answer({"items": [_entry(row) for row in shown], "next": following}, headers)


@operation(
    "GET",
    "/cases/{reference}",
    rule=_READ,
    answers={200: CaseShown},
    tag="cases",
    summary=marked("Read a case"),
    about=marked("Every look is on record, with the token's name and the reason; the applicant sees both."),
    problems=_READING,
)
def read_case(
    request: HttpRequest, reference: str, reason: Reason = None, spoken: Spoken = None
) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    try:
        case = casework.open_for_staff(
            reference=_known(reference),
            reason=reason or "",
            staff=token.reader,
            now=clock.now(),
            language=language(),
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer(_case(_found(token, reference), case), headers)


@operation(
    "GET",
    "/cases/{reference}/files/{file_id}",
    rule=_READ,
    answers={200: None},
    tag="cases",
    summary=marked("Download a file of a case"),
    about=marked("Its bytes, as they are kept. On record like reading the case."),
    problems=_READING,
    more={"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}}},
)
def read_file(request: HttpRequest, reference: str, file_id: UUID, reason: Reason = None) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    try:
        opened = casework.open_file_for_staff(
            reference=_known(reference),
            file_id=file_id,
            reason=reason or "",
            staff=token.reader,
            now=clock.now(),
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    name = quote(opened.ref.name, safe="")
    return HttpResponse(
        opened.content,
        content_type="application/octet-stream",
        headers={**headers, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@operation(
    "POST",
    "/cases/{reference}/actions/{action}",
    rule=_ACT,
    answers={200: DoneAction},
    tag="cases",
    summary=marked("Act on a case"),
    about=marked(
        "What the desk would do: the same checks, effects and messages. revision is the one that was read."
    ),
    problems=(*_READING, 409, 413, 415),
    takes=Takes.JSON,
)
def act_on_case(request: HttpRequest, reference: str, action: str, body: Acted) -> HttpResponse:
    token, now = agencys_token(request), clock.now()
    headers = pace.of_reading(request, token)
    found = _found(token, reference)
    try:
        event_id = casework.act(
            case_id=found.id,
            action=action,
            revision=body.revision,
            reason=GivenReason(tuple(body.reasons), body.words),
            message=body.message,
            questions=tuple(body.questions),
            staff=token.worker,
            now=now,
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer({"event": str(event_id), "case": _entry(_found(token, reference))}, headers)


def _found(token: ApiTokenView, reference: str) -> CaseEntry:
    rows = queries.cases_of(token.agency_id, CaseFilters(reference=_known(reference)), None, 1)
    if not rows:
        raise ApiProblem(NOT_FOUND)
    return rows[0]


def _known(reference: str) -> str:
    found = normalised_reference(reference)
    if found is None:
        raise ApiProblem(NOT_FOUND)
    return found


def _problem(refusal: Refusal) -> ApiProblem:
    """A refusal in the API's words; what is none of those is a fault."""
    for sort, kind, detail in _REFUSED:
        if isinstance(refusal, sort):
            return ApiProblem(kind, detail)
    for sort, field, message in _FIELDS:
        if isinstance(refusal, sort):
            return _wrong(field, message)
    raise refusal


def _wrong(field: str, message: Message) -> ApiProblem:
    return ApiProblem(NOT_AS_DESCRIBED, errors=(FieldError("", field, message, "invalid"),))


def _entry(case: CaseEntry) -> Mapping[str, object]:
    return {
        "reference": case.reference,
        "service": case.service,
        "title": local_text(case.title),
        "phase": case.phase.value,
        "stage": case.stage,
        "stage_label": local_text(case.stage_label),
        "outcome": case.outcome or None,
        "revision": case.revision,
        "opened_at": case.opened_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "closed_at": _moment(case.closed_at),
    }


def _case(entry: CaseEntry, case: StaffCase) -> Mapping[str, object]:
    return {
        **_entry(entry),
        "language": case.language,
        "contact": {"channel": case.contact_channel, "address": case.contact_address},
        "answers": dict(case.answers),
        "files": [
            {"id": ref.id, "name": ref.name, "size": ref.size, "media_type": ref.media_type}
            for ref in case.files
        ],
        "events": [_event(entry) for entry in case.timeline],
    }


def _event(entry: TimelineEntry) -> Mapping[str, object]:
    return {
        "id": str(entry.event_id),
        "at": entry.at.isoformat(),
        "happened": entry.happened.value,
        "by": entry.actor_kind.value,
        "name": entry.actor_name or None,
        "action": local_text(entry.action) or None,
        "stage": local_text(entry.stage) or None,
        "undone": entry.undone,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""Filling in step by step: a draft held by a token of its own, as a browser holds one by its cookie."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, TypeAlias
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header

from loket.api import answers, pace
from loket.api.bearer import actor_of, token_of
from loket.api.bodies import Attached, DraftShown, NewDraft, SomeAnswers, Submitted
from loket.api.operations.applications import may_submit, service_at, submitted
from loket.api.problems import (
    CONFLICT,
    MALFORMED,
    NO_DRAFT,
    NOT_ANSWERED,
    NOT_FOUND,
    ApiProblem,
    FieldError,
    of_answers,
)
from loket.api.reading import Takes
from loket.api.surface import operation
from loket.applications import actions, queries
from loket.applications.actions import NoSuchFile, NotAnswered
from loket.applications.bills import BillChanged
from loket.applications.drafts import KEPT_FOR, journey_context
from loket.applications.types import DraftView, SubmittedWhole, Upload
from loket.catalogue import queries as catalogue
from loket.forms.answering import answers_to_json
from loket.forms.journey import Journey
from loket.forms.types import FileRef
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message, marked
from loket.web.access import Public
from loket.web.words import language

DraftToken: TypeAlias = Annotated[str, Header(alias="Loket-Draft", min_length=20, max_length=100)]

ONE_FILE = Message(marked("Send one file, in a part called file"))
STILL_TO_ANSWER = Message(marked("This still has to be answered"))
_FORM_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
}
_PROBLEMS = (400, 403, 404, 409, 422, 429)


@operation(
    "POST",
    "/services/{agency}/{service}/drafts",
    rule=Public(),
    answers={201: DraftShown},
    tag="drafts",
    summary=marked("Begin a draft"),
    about=marked(
        "The answer holds the draft's token, this once. Whoever has it holds the draft, for thirty days."
    ),
    problems=(*_PROBLEMS, 413, 415),
    takes=Takes.JSON,
)
def begin_draft(request: HttpRequest, agency: str, service: str, body: NewDraft) -> HttpResponse:
    now, token = clock.now(), token_of(request)
    headers = pace.of_writing(pace.APPLICATIONS, request, token, now)
    found = service_at(agency, service)
    may_submit(token, found.agency_id)
    pace.of_bills(found.form, body.answers, request, now)
    spoken = body.language or language()
    try:
        begun = actions.answer_some(
            token=None, service=found, given=body.answers, language=spoken, by=actor_of(token), now=now
        )
    except NotAnswered as refusal:
        raise of_answers(refusal.problems) from None
    assert begun.token is not None
    shown = {**_shown(_opened(begun.token)), "draft_token": begun.token}
    return answers.answer(shown, headers, status=201)


@operation(
    "GET",
    "/draft",
    rule=Public(),
    answers={200: DraftShown},
    tag="drafts",
    summary=marked("Read a draft"),
    about=marked("Its answers, and which questions are still open with them."),
    problems=(404, 422, 429),
)
def read_draft(request: HttpRequest, draft_token: DraftToken) -> HttpResponse:
    headers = pace.of_draft(draft_token)
    return answers.answer(_shown(_opened(draft_token)), headers)


@operation(
    "PATCH",
    "/draft",
    rule=Public(),
    answers={200: DraftShown},
    tag="drafts",
    summary=marked("Answer questions of a draft"),
    about=marked("Any of them, in any order; all that is sent is kept, or nothing. null empties an answer."),
    problems=(*_PROBLEMS, 413, 415),
    takes=Takes.JSON,
)
def answer_draft(request: HttpRequest, draft_token: DraftToken, body: SomeAnswers) -> HttpResponse:
    now = clock.now()
    headers = pace.of_draft(draft_token)
    before = _opened(draft_token)
    pace.of_bills(catalogue.compiled(before.version_id).form, body.answers, request, now)
    spoken = body.language or before.language
    try:
        kept = actions.answer_some(
            token=draft_token,
            service=None,
            given=body.answers,
            language=spoken,
            by=actor_of(token_of(request)),
            now=now,
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    after = replace(before, answers=kept.answers, language=spoken, expires_at=now + KEPT_FOR)
    return answers.answer(_shown(after), headers)


@operation(
    "DELETE",
    "/draft",
    rule=Public(),
    answers={204: None},
    tag="drafts",
    summary=marked("Discard a draft"),
    about=marked("With its key and files. One that is gone already is no error."),
    problems=(422, 429),
)
def discard_draft(request: HttpRequest, draft_token: DraftToken) -> HttpResponse:
    headers = pace.of_draft(draft_token)
    actions.discard(token=draft_token, by=actor_of(token_of(request)), now=clock.now())
    return HttpResponse(status=204, headers=dict(headers))


@operation(
    "POST",
    "/draft/files/{question}",
    rule=Public(),
    answers={201: Attached},
    tag="drafts",
    summary=marked("Attach a file to a draft"),
    about=marked("One file for a question that is asked. Types and sizes as the definition says."),
    problems=(*_PROBLEMS, 413, 415),
    takes=Takes.FILES,
    more=_FORM_BODY,
)
def attach_file(request: HttpRequest, question: str, draft_token: DraftToken) -> HttpResponse:
    now, token = clock.now(), token_of(request)
    headers = pace.of_writing(pace.UPLOADS, request, token, now)
    pace.of_draft(draft_token)
    sent = request.FILES.getlist("file")
    if len(sent) != 1:
        raise ApiProblem(MALFORMED, ONE_FILE)
    try:
        kept = actions.attach(
            token=draft_token,
            question=question,
            upload=Upload(str(sent[0].name), sent[0]),
            language=language(),
            by=actor_of(token),
            now=now,
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer({"question": question, "files": [_file(ref) for ref in kept]}, headers, status=201)


@operation(
    "DELETE",
    "/draft/files/{question}/{file_id}",
    rule=Public(),
    answers={204: None},
    tag="drafts",
    summary=marked("Take a file out of a draft"),
    about=marked("For good."),
    problems=(404, 409, 422, 429),
)
def detach_file(request: HttpRequest, question: str, file_id: UUID, draft_token: DraftToken) -> HttpResponse:
    headers = pace.of_draft(draft_token)
    try:
        actions.detach(
            token=draft_token,
            question=question,
            file_id=str(file_id),
            language=language(),
            by=actor_of(token_of(request)),
            now=clock.now(),
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return HttpResponse(status=204, headers=dict(headers))


@operation(
    "POST",
    "/draft/submission",
    rule=Public(),
    answers={201: Submitted},
    tag="drafts",
    summary=marked("Send a draft"),
    about=marked("Once, however often it is asked for: the same reference comes back."),
    problems=(404, 409, 422, 429),
)
def send_draft(request: HttpRequest, draft_token: DraftToken) -> HttpResponse:
    headers, now = pace.of_draft(draft_token), clock.now()
    before = _opened(draft_token)
    try:
        done = actions.submit(
            token=draft_token, language=before.language, by=actor_of(token_of(request)), now=now
        )
    except Refusal as refusal:
        raise _problem(refusal, before) from None
    service = catalogue.compiled(before.version_id)
    pin = actions.pin_of(draft_id=before.id, answers=before.answers) if before.reference is None else None
    told = submitted(service, SubmittedWhole(done.reference, pin, done.again), before.language)
    return answers.answer(told, headers, status=201)


def _opened(draft_token: str) -> DraftView:
    found = queries.draft(draft_token, clock.now())
    if found is None:
        raise ApiProblem(NO_DRAFT)
    return found


def _shown(draft: DraftView) -> Mapping[str, object]:
    service, agency = catalogue.compiled(draft.version_id), identity.agency_known(draft.agency_id)
    journey = Journey(service.form, draft.answers, journey_context(agency, draft.language, clock.now()))
    return {
        "agency": agency.key,
        "service": service.service.key,
        "version": service.content_hash,
        "language": draft.language,
        "answers": answers_to_json(service.form, draft.answers),
        "open": [] if draft.reference else [name for page in journey.pages for name in page.unanswered],
        "complete": draft.reference is not None or journey.complete,
        "expires_at": draft.expires_at.isoformat(),
        "reference": draft.reference,
    }


def _file(ref: FileRef) -> Mapping[str, object]:
    return {"id": ref.id, "name": ref.name, "size": ref.size, "media_type": ref.media_type}


def _problem(refusal: Refusal, draft: DraftView | None = None) -> ApiProblem:
    """A refusal in the API's words; what is none of those is a fault."""
    if isinstance(refusal, NotAnswered):
        return of_answers(refusal.problems)
    if isinstance(refusal, BillChanged):
        return of_answers({refusal.question: refusal.problem})
    if isinstance(refusal, NoSuchFile):
        return ApiProblem(NOT_FOUND)
    if refusal.code == "no_such_draft":
        return ApiProblem(NO_DRAFT)
    if refusal.code == "already_submitted":
        return ApiProblem(CONFLICT)
    if refusal.code == "not_complete" and draft is not None:
        return _still_open(draft)
    raise refusal


def _still_open(draft: DraftView) -> ApiProblem:
    service, agency = catalogue.compiled(draft.version_id), identity.agency_known(draft.agency_id)
    journey = Journey(service.form, draft.answers, journey_context(agency, draft.language, clock.now()))
    failing = {name: problem for page in journey.pages for name, problem in page.problems.items()}
    missing = tuple(
        FieldError(name, "", STILL_TO_ANSWER, "missing") for page in journey.pages for name in page.unanswered
    )
    return ApiProblem(NOT_ANSWERED, errors=(*missing, *of_answers(failing).errors))

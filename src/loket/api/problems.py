"""What goes wrong, told as RFC 9457 says, in the language that was asked for."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from loket.forms.types import Problem as FormProblem
from loket.kernel.text import Message, marked
from loket.web.words import say

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of problem: `code` is stable and in its address, `title` a sentence for people."""

    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something wrong at one place: an answer's `question` and `part`, or with no question a field's path."""

    question: str
    part: str
    message: Message
    code: str


MALFORMED = Kind("malformed", 400, marked("The request can’t be read"))
NO_TOKEN = Kind("no-token", 401, marked("A token that works is needed"))
FORBIDDEN = Kind("forbidden", 403, marked("This token may not do that"))
NOT_FOUND = Kind("not-found", 404, marked("There is nothing at this address"))
REASON = Kind("reason-needed", 403, marked("Looking at a case needs a reason"))
NO_DRAFT = Kind("no-such-draft", 404, marked("This token opens no draft, or its thirty days are over"))
METHOD = Kind("method-not-allowed", 405, marked("This address takes other methods"))
CONFLICT = Kind("conflict", 409, marked("Something happened in the meantime"))
TOO_LARGE = Kind("too-large", 413, marked("That is more than this address takes"))
MEDIA = Kind("unsupported-media-type", 415, marked("This address takes another type of content"))
NOT_AS_DESCRIBED = Kind("not-as-described", 422, marked("The request is not as the description says"))
NOT_ANSWERED = Kind("not-answered", 422, marked("Some answers are missing or have to be mended"))
KEY_REUSED = Kind("key-reused", 422, marked("Something else was sent under this Idempotency-Key before"))
TOO_MANY = Kind("too-many-requests", 429, marked("Please wait a little"))
FAILED = Kind("failed", 500, marked("Sorry, something went wrong here"))
AWAY = Kind("away", 503, marked("Our records can’t be reached right now. Please try again soon"))

KINDS = (
    MALFORMED, NO_TOKEN, FORBIDDEN, REASON, NOT_FOUND, NO_DRAFT, METHOD, CONFLICT, TOO_LARGE, MEDIA,
    NOT_AS_DESCRIBED, NOT_ANSWERED, KEY_REUSED, TOO_MANY, FAILED, AWAY,
)  # fmt: skip


@dataclass(slots=True, eq=False)
class ApiProblem(Exception):
    """Ends a request with a problem; the door tells it."""

    kind: Kind
    detail: Message | None = None
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def response(problem: ApiProblem) -> HttpResponse:
    """Said in the active language."""
    kind = problem.kind
    told: dict[str, object] = {
        "type": f"{settings.PUBLIC_ADDRESS}/api/v1/problems/{kind.code}",
        "title": _(kind.title),
        "status": kind.status,
        "code": kind.code,
    }
    if problem.detail is not None:
        told["detail"] = say(problem.detail)
    if problem.errors:
        told["errors"] = [
            {"question": one.question, "part": one.part, "message": say(one.message), "code": one.code}
            for one in problem.errors
        ]
    answer = HttpResponse(json.dumps(told), status=kind.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        answer.headers[name] = value
    answer.headers["Cache-Control"] = "no-store"
    return answer


def of_answers(problems: Mapping[str, FormProblem]) -> ApiProblem:
    """What a person would be told at the fields of the pages."""
    return ApiProblem(NOT_ANSWERED, errors=tuple(_of_answers(problems.items())))


def _of_answers(problems: Iterable[tuple[str, FormProblem]]) -> Iterable[FieldError]:
    for question, problem in problems:
        yield FieldError(question, problem.part, problem.message, problem.code)

"""Bodies of requests: their type, size and shape, before anything looks inside."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NoReturn

from django.http import HttpRequest, RawPostDataException

from loket.api.problems import MALFORMED, MEDIA, TOO_LARGE, ApiProblem
from loket.kernel.text import Message, marked

# Hundreds of long answers; files go another way.
LONGEST_JSON = 256 * 1024
# Deeper than any answer.
_DEEPEST = 12

NOT_JSON = Message(marked("The body is not JSON as RFC 8259 describes it"))
TWICE = Message(marked("The body has the same field twice"))
TOO_DEEP = Message(marked("The body is nested too deeply"))
NO_OBJECT = Message(marked("The body has to be a JSON object"))
JSON_ONLY = Message(marked("Send application/json"))
FORM_ONLY = Message(marked("Send multipart/form-data"))


class Takes(StrEnum):
    """What a view takes in the body of what is not a GET."""

    NOTHING = "nothing"
    JSON = "json"
    FILES = "files"


def read_body(request: HttpRequest, view: Callable[..., object]) -> None:
    """Leaves the body's object on the request where the view takes JSON. Raises ApiProblem."""
    takes: Mapping[str, Takes] = getattr(view, "loket_takes", {})
    wanted = takes.get(request.method or "", Takes.NOTHING)
    if wanted is Takes.JSON:
        if request.content_type != "application/json":
            raise ApiProblem(MEDIA, JSON_ONLY, headers={"Accept": "application/json"})
        request.loket_body = parsed(_content(request))  # type: ignore[attr-defined]
    elif wanted is Takes.FILES and request.content_type != "multipart/form-data":
        raise ApiProblem(MEDIA, FORM_ONLY, headers={"Accept": "multipart/form-data"})


def parsed(content: bytes) -> dict[str, object]:
    """Raises ApiProblem where the bytes are not one JSON object, each field once, without NaN or NUL."""
    try:
        found = json.loads(content, object_pairs_hook=_once, parse_constant=_no_such_number)
    except RecursionError:
        raise ApiProblem(MALFORMED, TOO_DEEP) from None
    except ValueError:
        # Not UTF-8, not JSON, or a number longer than any is.
        raise ApiProblem(MALFORMED, NOT_JSON) from None
    if not isinstance(found, dict):
        raise ApiProblem(MALFORMED, NO_OBJECT)
    if _too_deep(found, _DEEPEST):
        raise ApiProblem(MALFORMED, TOO_DEEP)
    return found


def _content(request: HttpRequest) -> bytes:
    # One more than allowed shows that there was more.
    try:
        content = request.read(LONGEST_JSON + 1)
    except (OSError, RawPostDataException):
        raise ApiProblem(MALFORMED) from None
    if len(content) > LONGEST_JSON:
        raise ApiProblem(TOO_LARGE)
    # Where whoever asks for the body finds it.
    request._body = content
    return content


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ApiProblem(MALFORMED, TWICE)
    return found


def _no_such_number(_name: str) -> NoReturn:
    raise ValueError("JSON has no such number")


def _too_deep(value: object, left: int) -> bool:
    if isinstance(value, dict):
        return left == 0 or any(_too_deep(one, left - 1) for one in value.values())
    if isinstance(value, list):
        return left == 0 or any(_too_deep(one, left - 1) for one in value)
    return False

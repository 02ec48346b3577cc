"""Answers: JSON with the right headers, a 304 where the program has it already, and pages by cursor."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse

from loket.api.problems import MALFORMED, ApiProblem
from loket.kernel.text import Message, marked

T = TypeVar("T")

BAD_CURSOR = Message(marked("This cursor is not one of ours, or belongs to another list"))
_FOR_A_MINUTE = "public, max-age=60"
_SALT = "loket.api.cursor"
# What an If-None-Match can hold before it is no longer looked at.
_MOST_TAGS = 2_000


def answer(data: object, headers: Mapping[str, str] | None = None, *, status: int = 200) -> HttpResponse:
    """One person's data, or what changes by the second: kept nowhere."""
    made = HttpResponse(json.dumps(data), status=status, content_type="application/json")
    for name, value in (headers or {}).items():
        made.headers[name] = value
    return made


def lasting(request: HttpRequest, data: object, headers: Mapping[str, str]) -> HttpResponse:
    """The same for everybody, with a tag: 304 where the program has it."""
    content = json.dumps(data).encode()
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    known = request.headers.get("If-None-Match", "")[:_MOST_TAGS]
    has_it = known.strip() == "*" or tag in [one.strip() for one in known.split(",")]
    made = HttpResponse(status=304) if has_it else HttpResponse(content, content_type="application/json")
    if has_it:
        del made.headers["Content-Type"]
    for name, value in headers.items():
        made.headers[name] = value
    made.headers["ETag"], made.headers["Cache-Control"] = tag, _FOR_A_MINUTE
    return made


def page_of(
    rows: Sequence[T], limit: int, name: str, key: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """Rows in the order of their keys, one more than fit where there are more; the cursor of what follows."""
    shown = rows[:limit]
    return shown, cursor_after(name, key(shown[-1])) if len(rows) > limit else None


def cursor_after(name: str, key: str) -> str:
    """Signed, so that nobody makes one up, and of one list only."""
    return signing.dumps(key, salt=f"{_SALT}.{name}")


def after(name: str, cursor: str | None) -> str:
    """The key that the page before ended with; empty at the beginning. Raises ApiProblem."""
    if not cursor:
        return ""
    try:
        return str(signing.loads(cursor, salt=f"{_SALT}.{name}"))
    except signing.BadSignature:
        raise ApiProblem(MALFORMED, BAD_CURSOR) from None


def after_id(name: str, cursor: str | None) -> UUID | None:
    """The same, of lists in the order of ids. Raises ApiProblem."""
    last = after(name, cursor)
    try:
        return UUID(last) if last else None
    except ValueError:
        raise ApiProblem(MALFORMED, BAD_CURSOR) from None

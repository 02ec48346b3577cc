"""What a browser holds: the token of each draft, and for half an hour the right to see a case.

Signed, for the session only, and enough by themselves: anonymous people have no session row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

OURS = "loket-"
CASE = "loket-case"
_DRAFT = "loket-d-"
_DRAFTS = signing.Signer(salt="loket.portal.draft")
_GRANTS = "loket.portal.case"
# How long a code or PIN opens the whole case, and a reference with a contact its stage and dates.
FULL_FOR = timedelta(minutes=30)
STATUS_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DraftCookie:
    """A draft of this browser. The version is there so that answering need not look it up."""

    version_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose case this browser may see: stage and dates, or where `full` all of it."""

    case_id: UUID
    full: bool


class Spoilt(Exception):
    """The cookie was not written by us."""


def draft_name(agency: str, service: str) -> str:
    return f"{_DRAFT}{agency}-{service}"


def draft(request: HttpRequest, name: str) -> DraftCookie | None:
    """None where there is no such cookie. Raises Spoilt."""
    written = request.COOKIES.get(name)
    if not written:
        return None
    try:
        version, _, token = _DRAFTS.unsign(written).partition(":")
        return DraftCookie(int(version), token)
    except (signing.BadSignature, ValueError):
        raise Spoilt from None


def drafts(request: HttpRequest, most: int = 20) -> Iterator[tuple[str, DraftCookie]]:
    """The drafts of this browser by cookie; spoilt ones are left out."""
    for name in sorted(name for name in request.COOKIES if name.startswith(_DRAFT))[:most]:
        try:
            found = draft(request, name)
        except Spoilt:
            continue
        if found is not None:
            yield name, found


def keep_draft(response: HttpResponseBase, name: str, kept: DraftCookie) -> None:
    _set(response, name, _DRAFTS.sign(f"{kept.version_id}:{kept.token}"))


def grant(request: HttpRequest, now: datetime) -> Grant | None:
    """What this browser may see of which case; a full look that has run out is one at the stage."""
    written = request.COOKIES.get(CASE)
    if not written:
        return None
    try:
        read: dict[str, Any] = signing.loads(written, salt=_GRANTS, max_age=STATUS_FOR)
        case_id, full_until = UUID(read["case"]), float(read["until"])
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return None
    return Grant(case_id, full=now.timestamp() < full_until)


def keep_grant(response: HttpResponseBase, kept: Grant, now: datetime) -> None:
    until = (now + FULL_FOR).timestamp() if kept.full else 0.0
    _set(response, CASE, signing.dumps({"case": str(kept.case_id), "until": until}, salt=_GRANTS))


def forget(response: HttpResponseBase, *names: str) -> None:
    for name in names:
        response.delete_cookie(name, samesite="Lax")


def of_this_site(request: HttpRequest) -> tuple[str, ...]:
    """Every cookie that this site may have set."""
    others = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages")
    return tuple(name for name in request.COOKIES if name.startswith(OURS) or name in others)


def _set(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(name, value, httponly=True, samesite="Lax", secure=settings.SECURE_COOKIES)

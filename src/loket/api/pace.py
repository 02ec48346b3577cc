"""How often programs may ask, and what their answers say of it (draft-ietf-httpapi-ratelimit-headers)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from loket.api.problems import TOO_MANY, ApiProblem
from loket.applications.bills import numbers_sent
from loket.forms.compiled import CompiledForm
from loket.identity.types import ApiTokenView
from loket.limits import actions as limits
from loket.limits.memory import MemoryBuckets
from loket.limits.types import Spent
from loket.web.caller import client_address

_HOUR = timedelta(hours=1)
_MINUTE = 60.0
_TRIES_OF_A_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """So many an hour from one address. Those that pages count too have the pages' buckets."""

    bucket: str
    limit: int


APPLICATIONS = Pace("portal-draft", 2000)
UPLOADS = Pace("portal-upload", 300)
LOOK_UPS = Pace("portal-look-up", 60)
BILLS = Pace("portal-bill", 60)

# In this process's memory, since a statement each would cost more than the answer.
_reads = MemoryBuckets(limit=1_200, seconds=_MINUTE)
_tokens = MemoryBuckets(limit=60_000, seconds=_MINUTE)
_drafts = MemoryBuckets(limit=120, seconds=_MINUTE)


def of_reading(request: HttpRequest, token: ApiTokenView | None) -> Mapping[str, str]:
    """No statement."""
    if token is not None:
        return _told("token", _tokens.spend(token.prefix, time.monotonic()), _MINUTE)
    return _told("reading", _reads.spend(client_address(request), time.monotonic()), _MINUTE)


def of_writing(
    pace: Pace, request: HttpRequest, token: ApiTokenView | None, now: datetime
) -> Mapping[str, str]:
    """One statement where no token is shown, none where one is."""
    if token is not None:
        return of_reading(request, token)
    spent = limits.spend(pace.bucket, client_address(request), limit=pace.limit, per=_HOUR, now=now)
    return _told(pace.bucket, spent, _HOUR.total_seconds())


def of_bills(form: CompiledForm, given: Mapping[str, object], request: HttpRequest, now: datetime) -> None:
    """Looking bills up is counted as on the pages: by address, and each number by whoever asks.

    No statement where the answers look none up.
    """
    for number in numbers_sent(form, given):
        of_writing(BILLS, request, None, now)
        spent = limits.spend("portal-bill-number", number, limit=_TRIES_OF_A_NUMBER, per=_HOUR, now=now)
        _told("bill", spent, _HOUR.total_seconds())


def of_draft(draft_token: str) -> Mapping[str, str]:
    """No statement."""
    return _told("draft", _drafts.spend(draft_token, time.monotonic()), _MINUTE)


def _told(name: str, spent: Spent, seconds: float) -> Mapping[str, str]:
    headers = {
        "RateLimit-Policy": f'"{name}";q={spent.limit};w={int(seconds)}',
        "RateLimit": f'"{name}";r={spent.left};t={spent.full_in}',
    }
    if not spent.allowed:
        raise ApiProblem(TOO_MANY, headers={**headers, "Retry-After": str(max(1, spent.wait))})
    return headers

"""How often one may try. Addresses of computers are only ever kept as keyed hashes, by `limits`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from loket.limits import actions as limits
from loket.limits.memory import MemoryBuckets
from loket.web.caller import client_address

_HOUR = timedelta(hours=1)
_TRIES_OF_A_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """So many an hour from one address, behind which may be a whole café or village."""

    bucket: str
    limit: int


NEW_DRAFTS = Pace("portal-draft", 2000)
UPLOADS = Pace("portal-upload", 300)
LOOK_UPS = Pace("portal-look-up", 60)
BILLS = Pace("portal-bill", 60)
SAVES = Pace("portal-save", 60)
PAYMENTS = Pace("portal-pay", 300)
# A bank or a school checks many papers in a morning.
CHECKS = Pace("portal-check", 600)

# For one draft: nobody reads and answers two pages a second for long.
_answers = MemoryBuckets(limit=120, seconds=60.0)


def allows(pace: Pace, request: HttpRequest, now: datetime) -> bool:
    """One statement."""
    return limits.take(pace.bucket, client_address(request), limit=pace.limit, per=_HOUR, now=now)


def allows_bills(numbers: Sequence[str], request: HttpRequest, now: datetime) -> bool:
    """Whether these numbers may be looked up: by address, and each number by whoever asks (1 + n statements).

    A number alone finds nothing, but who tries many facts for one is stopped too.
    """
    if not numbers:
        return True
    if not allows(BILLS, request, now):
        return False
    return all(
        limits.take("portal-bill-number", number, limit=_TRIES_OF_A_NUMBER, per=_HOUR, now=now)
        for number in numbers
    )


def allows_answer(token: str) -> bool:
    """No statement: counted in this process."""
    return _answers.take(token, time.monotonic())

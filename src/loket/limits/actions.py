"""Taking from buckets that every host shares."""

import math
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from loket.limits.models import Bucket
from loket.limits.types import Spent

# The bucket leaks evenly (GCRA): it keeps only when it will be empty. A refused attempt changes nothing, so
# that hammering neither writes nor postpones the next chance.
# No bucket is ever fuller than full: one that says so, by more than clocks differ, was filled by a clock that
# was ahead, and would otherwise refuse until that time comes.
_TAKE = """
INSERT INTO limits_bucket AS bucket (digest, empty_at)
VALUES (%(digest)s, %(now)s + %(each)s * interval '1 microsecond')
ON CONFLICT (digest) DO UPDATE
SET empty_at = CASE WHEN bucket.empty_at > %(full)s + interval '5 minutes' THEN %(now)s
    ELSE GREATEST(bucket.empty_at, %(now)s) END + %(each)s * interval '1 microsecond'
WHERE GREATEST(bucket.empty_at, %(now)s) + %(each)s * interval '1 microsecond' <= %(full)s
OR bucket.empty_at > %(full)s + interval '5 minutes'
RETURNING empty_at
"""


def take(bucket: str, key: str, limit: int, per: timedelta, now: datetime) -> bool:
    """Whether there is one more left: `limit` at once, coming back evenly over `per`. Exactly 1 statement.

    `key` (an address, a token) is kept only as a keyed hash. Call it outside the transaction whose failure it
    should count: what is rolled back was never taken.
    """
    return _taken(bucket, key, limit, per, now) is not None


def spend(bucket: str, key: str, limit: int, per: timedelta, now: datetime) -> Spent:
    """The same, and how much is then left. One statement, two where there is none left."""
    taken = _taken(bucket, key, limit, per, now)
    empty_at = taken or Bucket.objects.values_list("empty_at", flat=True).get(digest=_digest(bucket, key))
    share = _share(limit, per)
    return Spent(
        allowed=taken is not None,
        limit=limit,
        left=max(0, int((now + per - empty_at) / share)),
        full_in=_seconds(empty_at - now),
        wait=0 if taken else max(1, _seconds(empty_at + share - now - per)),
    )


def _taken(bucket: str, key: str, limit: int, per: timedelta, now: datetime) -> datetime | None:
    """When the bucket will be empty; None where it takes no more."""
    each = _share(limit, per) // timedelta(microseconds=1)
    digest = _digest(bucket, key)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"digest": digest, "now": now, "each": each, "full": now + per})
        found = cursor.fetchone()
    return found[0] if found else None


def _share(limit: int, per: timedelta) -> timedelta:
    if limit < 1:
        raise ValueError("a limit is at least 1")
    # Rounded down to whole microseconds, or the last of `limit` shares would not fit.
    return timedelta(microseconds=(per // limit) // timedelta(microseconds=1))


def put_back(bucket: str, key: str) -> None:
    """Empties a bucket, as after a right answer (1 statement)."""
    Bucket.objects.filter(digest=_digest(bucket, key)).delete()


def purge(*, now: datetime) -> int:
    """Deletes buckets that are empty; how many."""
    return Bucket.objects.filter(empty_at__lte=now).delete()[0]


def _digest(bucket: str, key: str) -> bytes:
    return salted_hmac(f"loket.limits/{bucket}", key, algorithm="sha256").digest()


def _seconds(span: timedelta) -> int:
    return math.ceil(span.total_seconds())

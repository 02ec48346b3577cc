"""Taking from buckets that every host shares."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from loket.limits.models import Bucket

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
RETURNING 1
"""


def take(bucket: str, key: str, limit: int, per: timedelta, now: datetime) -> bool:
    """Whether there is one more left: `limit` at once, coming back evenly over `per`. Exactly 1 statement.

    `key` (an address, a token) is kept only as a keyed hash. Call it outside the transaction whose failure it
    should count: what is rolled back was never taken.
    """
    if limit < 1:
        raise ValueError("a limit is at least 1")
    # Rounded down, or the last of `limit` shares would not fit.
    each = (per // limit) // timedelta(microseconds=1)
    digest = _digest(bucket, key)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"digest": digest, "now": now, "each": each, "full": now + per})
        return cursor.fetchone() is not None


def put_back(bucket: str, key: str) -> None:
    """Empties a bucket, as after a right answer (1 statement)."""
    Bucket.objects.filter(digest=_digest(bucket, key)).delete()


def purge(*, now: datetime) -> int:
    """Deletes buckets that are empty; how many."""
    return Bucket.objects.filter(empty_at__lte=now).delete()[0]


def _digest(bucket: str, key: str) -> bytes:
    return salted_hmac(f"loket.limits/{bucket}", key, algorithm="sha256").digest()

"""Stripe's signature of a webhook: HMAC-SHA256 over the time, a full stop and the body, scheme v1."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from loket.payments.registry import Forged

_TOLERANCE_SECONDS = 300
# A header is a time and a signature for each secret in use; nobody has dozens.
_MOST_PARTS = 40


def verify(header: str, body: bytes, secrets: Iterable[str], now: datetime) -> None:
    """`header` looks like `t=1492774577,v1=5257a8…,v1=…`; other schemes in it prove nothing. Raises Forged.

    Five minutes bound for how long a copied call-back can be played again; that it changes nothing then is
    for payments. While a secret is rotated, Stripe signs with both, and either may be ours.
    """
    parts = [part.strip().partition("=") for part in header.split(",")[:_MOST_PARTS]]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or len(times[0]) > 12:
        raise Forged("no_time")
    signed = times[0].encode("ascii") + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing.
    matches = [
        hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))
        for ours in expected
        for theirs in given
    ]
    if not any(matches):
        raise Forged("wrong_signature")
    if abs(now.timestamp() - int(times[0])) > _TOLERANCE_SECONDS:
        raise Forged("too_old")

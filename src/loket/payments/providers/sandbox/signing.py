"""How the make-believe bank signs its call-backs: as real ones do, time and body under a shared secret."""

import hmac
from datetime import datetime, timedelta

from loket.payments.registry import Forged
from loket.privacy import actions as privacy

HEADER = "sandbox-signature"
_TOLERANCE = timedelta(minutes=5)


def signature(body: bytes, now: datetime) -> str:
    at = str(int(now.timestamp()))
    return f"t={at},v1={_mac(at, body)}"


def prove(header: str, body: bytes, now: datetime) -> None:
    """Raises Forged for a signature that is wrong, or older than five minutes."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not hmac.compare_digest(parts.get("v1", "").encode(), _mac(at, body).encode()):
        raise Forged
    if abs(now.timestamp() - int(at)) > _TOLERANCE.total_seconds():
        raise Forged


def _mac(at: str, body: bytes) -> str:
    return privacy.digest("payments/sandbox", f"{at}.{body.hex()}").hex()

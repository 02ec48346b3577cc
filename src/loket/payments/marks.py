"""Marks that only we can make: a payment's token, and the ends of addresses that providers call back to.

Both hang from the root secret of digests; nothing is stored for them.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from loket.privacy import actions as privacy

_LENGTH = 16


def token_of(payment_id: UUID) -> str:
    """What opens the payment's page without any other secret: 43 letters, digits, dashes and underscores."""
    packed = payment_id.bytes + _mark("payment", payment_id)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def payment_of_token(token: str) -> UUID | None:
    """The payment that a token opens, or None for what is none. No statement."""
    try:
        packed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(packed) != 16 + _LENGTH or len(token) != len(token_of(UUID(bytes=packed[:16]))):
        return None
    payment_id = UUID(bytes=packed[:16])
    return payment_id if hmac.compare_digest(packed[16:], _mark("payment", payment_id)) else None


def callback_mark(attempt_id: UUID) -> str:
    """The query string of the address at which a provider tells about this try."""
    return urlencode({"attempt": attempt_id.hex, "mark": _mark("attempt", attempt_id).hex()})


def marked_attempt(headers: Mapping[str, str]) -> UUID | None:
    """Whose address a call-back came to, or None where the address bears no mark of ours."""
    query = parse_qs(headers.get("loket-query", "")[:500])
    try:
        attempt_id = UUID(query["attempt"][0])
        mark = bytes.fromhex(query["mark"][0])
    except (KeyError, ValueError):
        return None
    return attempt_id if hmac.compare_digest(mark, _mark("attempt", attempt_id)) else None


def _mark(what: str, about: UUID) -> bytes:
    return privacy.digest(f"payments/{what}", about.hex)[:_LENGTH]

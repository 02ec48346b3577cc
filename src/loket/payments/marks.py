"""A payment's token: made from its id by a keyed digest, so that nothing is stored for it."""

import base64
import binascii
import hmac
from uuid import UUID

from loket.privacy import actions as privacy

_LENGTH = 16


def token_of(payment_id: UUID) -> str:
    """What opens the payment's page without any other secret: 43 letters, digits, dashes and underscores."""
    packed = payment_id.bytes + _mark(payment_id)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def payment_of_token(token: str) -> UUID | None:
    """The payment that a token opens, or None for what is none. No statement."""
    try:
        packed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(packed) != 16 + _LENGTH:
        return None
    payment_id = UUID(bytes=packed[:16])
    # The whole token: its last character has bits to spare, and decoding skips strange characters.
    return payment_id if hmac.compare_digest(token, token_of(payment_id)) else None


def _mark(payment_id: UUID) -> bytes:
    return privacy.digest("payments/payment", payment_id.hex)[:_LENGTH]

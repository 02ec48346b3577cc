"""How a delivery is signed: the scheme of Standard Webhooks 1.0 with shared secrets.

`webhook-id` names the event and is the same in every try; `webhook-timestamp` is the moment of the try;
`webhook-signature` holds, for each secret that counts, `v1,` and the HMAC-SHA256 of `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from loket.webhooks.types import shown_id

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(event_id: UUID, body: bytes, keys: Sequence[str], now: datetime) -> Mapping[str, str]:
    """What goes with the body; one signature for each of `keys`."""
    named, stamp = shown_id(event_id), str(int(now.timestamp()))
    signed = b".".join((named.encode(), stamp.encode(), body))
    return {
        "webhook-id": named,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

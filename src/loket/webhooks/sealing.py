"""How an endpoint's secrets are sealed, each bound to its endpoint."""

from datetime import datetime
from uuid import UUID

from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.webhooks.models import Endpoint


def sealed(secret: str, endpoint_id: UUID, key: DataKey) -> bytes:
    return key.encrypt(secret.encode(), about=b"webhook secret " + endpoint_id.bytes)


def secrets_of(row: Endpoint, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now: the new one first, and the former one while it counts."""
    key = privacy.unwrap(bytes(row.wrapped_key))
    kept = [row.sealed_secret]
    if row.sealed_former is not None and row.former_until is not None and now < row.former_until:
        kept.append(row.sealed_former)
    return tuple(key.decrypt(bytes(one), about=b"webhook secret " + row.id.bytes).decode() for one in kept)

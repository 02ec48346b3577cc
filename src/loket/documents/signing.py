"""The keys that sign certificates: made on first need, sealed at rest, followed by others."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection

from loket.documents.models import SigningKey
from loket.documents.payload import KEY_ID_BYTES
from loket.privacy import actions as privacy

# Any number that no other advisory lock of ours uses.
_ONE_AT_A_TIME = 0x10_CE7_51


def current(now: datetime) -> tuple[bytes, Ed25519PrivateKey]:
    """The key that signs today, and its id. Makes the first one."""
    row = SigningKey.objects.filter(retired_at=None).first()
    if row is None:
        lock()
        row = SigningKey.objects.filter(retired_at=None).first() or new_key(now)
    private = privacy.unwrap(bytes(row.wrapped)).decrypt(bytes(row.sealed_private), about=_about(row.id))
    return bytes.fromhex(row.id), Ed25519PrivateKey.from_private_bytes(private)


def new_key(now: datetime) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key_id = hashlib.sha256(public).digest()[:KEY_ID_BYTES].hex()
    key, wrapped = privacy.new_wrapped_key()
    return SigningKey.objects.create(
        id=key_id,
        public=public,
        wrapped=wrapped,
        sealed_private=key.encrypt(private.private_bytes_raw(), about=_about(key_id)),
        made_at=now,
    )


def lock() -> None:
    """Until the transaction ends nobody else makes or retires a key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def every_public() -> Mapping[bytes, Ed25519PublicKey]:
    """All keys, the retired ones too: what they signed stays genuine."""
    rows = SigningKey.objects.values_list("id", "public")
    return {bytes.fromhex(key_id): Ed25519PublicKey.from_public_bytes(bytes(key)) for key_id, key in rows}


def _about(key_id: str) -> bytes:
    return b"signing key " + key_id.encode()

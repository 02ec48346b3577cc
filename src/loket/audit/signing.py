"""The keys that sign checkpoints: one follows from each master key, and the first one signs."""

import functools
import hashlib
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from loket.audit.types import Note, SignedNote

_PURPOSE = b"loket audit signing"
_ID_BYTES = 8


class SigningKeyMissing(Exception):
    """No master key is configured to derive the signing key from."""


def signed(note: Note) -> SignedNote:
    """Raises SigningKeyMissing."""
    if not settings.MASTER_KEYS:
        raise SigningKeyMissing("Set LOKET_MASTER_KEY or LOKET_MASTER_KEY_FILE (64 hexadecimal digits).")
    private = _private(settings.MASTER_KEYS[0])
    return SignedNote(note, _key_id(private.public_key()), private.sign(note.signed_bytes()))


def is_ours(given: SignedNote) -> bool:
    """Whether a key that we trust signed this: one of the masters', or one listed in LOKET_AUDIT_KEYS."""
    key = _trusted(settings.MASTER_KEYS, settings.AUDIT_KEYS).get(given.key_id)
    if key is None:
        return False
    try:
        key.verify(given.signature, given.note.signed_bytes())
    except InvalidSignature:
        return False
    return True


def public_keys() -> tuple[str, ...]:
    """The trusted public keys in hex, the one now signing first. Keep them where the database isn't."""
    trusted = _trusted(settings.MASTER_KEYS, settings.AUDIT_KEYS)
    return tuple(key.public_bytes_raw().hex() for key in trusted.values())


@functools.lru_cache(maxsize=4)
def _trusted(masters: tuple[bytes, ...], others: tuple[bytes, ...]) -> Mapping[bytes, Ed25519PublicKey]:
    keys = [_private(master).public_key() for master in masters]
    keys += [Ed25519PublicKey.from_public_bytes(other) for other in others]
    return {_key_id(key): key for key in keys}


@functools.lru_cache(maxsize=8)
def _private(master: bytes) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(master)
    return Ed25519PrivateKey.from_private_bytes(seed)


def _key_id(key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(key.public_bytes_raw()).digest()[:_ID_BYTES]

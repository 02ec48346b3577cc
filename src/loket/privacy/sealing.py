"""Sealing bytes under a key, so that reading needs the key and any change is noticed.

A sealed value is: one byte of version, 12 bytes of random nonce, the AES-256-GCM cipher text and its tag. The
version is authenticated with what the value is `about`, so that neither can be swapped.
"""

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16


class SealBroken(Exception):
    """Sealed bytes were altered, belong elsewhere, or were sealed under another key."""


class DataKey:
    """A key that seals what belongs to one subject. Never printed, compared or kept longer than a request.

    One key seals at most some 2^32 values (random nonces of 96 bits), which no case comes near.
    """

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("a data key has 32 bytes")
        self._secret = secret
        self._cipher = AESGCM(secret)

    def encrypt(self, plain: bytes, *, about: bytes) -> bytes:
        """Sealed bytes, 29 longer. `about` says what they are (row, field); reading them needs it again."""
        nonce = urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _VERSION + about)

    def decrypt(self, sealed: bytes, *, about: bytes) -> bytes:
        """Raises SealBroken."""
        sealed = bytes(sealed)
        if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise SealBroken
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, _VERSION + about)
        except InvalidTag:
            raise SealBroken from None

    def reveal(self) -> bytes:
        """The secret itself: for wrapping it, and for nothing else."""
        return self._secret

    def __repr__(self) -> str:
        return "<DataKey>"


def new_data_key() -> DataKey:
    return DataKey(urandom(KEY_BYTES))


def derived(secret: bytes, purpose: str) -> bytes:
    """Another key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)

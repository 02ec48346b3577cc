"""Sealing what is kept: AES-256-GCM in pieces, under a passphrase or for the holder of a private key.

    {"loket": "sealed 1", …}\\n      how the key is found: scrypt's salt, or an X25519 public key
    piece piece … last piece        1 MiB each and 16 bytes; number and last-or-not are in the nonce

A piece that was changed, left out or moved does not open, nor does a file that ends too early.
"""

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from loket.config.backup.programs import BackupProblem

_NAME = "sealed 1"
_PIECE = 2**20
_TAG = 16
_LONGEST_HEAD = 4096


class Out(Protocol):
    """Where bytes go: a file, or what counts and sums them up on the way."""

    def write(self, content: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Lock:
    """How to seal: for `recipient` (an X25519 public key), else by `passphrase`, else not at all."""

    passphrase: str = ""
    recipient: bytes = b""

    @property
    def kind(self) -> str:
        return "key" if self.recipient else "passphrase" if self.passphrase else "no"


@dataclass(frozen=True, slots=True)
class Opener:
    """What to open with."""

    passphrase: str = ""
    private_key: bytes = b""


class Sealing:
    """Writes sealed bytes to `out`; `close` writes the last piece and leaves `out` open."""

    def __init__(self, out: Out, lock: Lock) -> None:
        self._out, self._held, self._number = out, bytearray(), 0
        self._cipher: AESGCM | None = None
        if lock.kind != "no":
            head, key = _new_key(lock)
            self._cipher = AESGCM(key)
            out.write(json.dumps({"loket": _NAME, **head}).encode() + b"\n")

    def write(self, content: bytes) -> None:
        if self._cipher is None:
            self._out.write(content)
            return
        self._held += content
        # One piece is always kept back, since only the end tells which is the last.
        while len(self._held) > _PIECE:
            self._put(bytes(self._held[:_PIECE]), last=False)
            del self._held[:_PIECE]

    def close(self) -> None:
        if self._cipher is not None:
            self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        assert self._cipher is not None
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), piece, None))
        self._number += 1


def opened(file: IO[bytes], opener: Opener) -> Iterator[bytes]:
    """The bytes in the clear. What was not sealed passes through. Raises BackupProblem."""
    head = file.readline(_LONGEST_HEAD)
    try:
        told = json.loads(head)
        sealed = isinstance(told, dict) and told.get("loket") == _NAME
    except ValueError:
        sealed = False
    if not sealed:
        yield head
        while content := file.read(_PIECE):
            yield content
        return
    cipher, number = AESGCM(_key(told, opener)), 0
    piece = file.read(_PIECE + _TAG)
    while True:
        following = file.read(_PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, not following), piece, None)
        except InvalidTag:
            if number == 0:
                raise BackupProblem("It does not open: another passphrase or key sealed it.") from None
            raise BackupProblem("It was changed or cut off after it was sealed.") from None
        if not following:
            return
        piece, number = following, number + 1


def new_pair() -> tuple[bytes, bytes]:
    """A private key, to be kept elsewhere, and its public one for LOKET_BACKUP_PUBLIC_KEY."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def _new_key(lock: Lock) -> tuple[dict[str, str], bytes]:
    if lock.recipient:
        once = X25519PrivateKey.generate()
        public = once.public_key().public_bytes_raw()
        return {"key": public.hex()}, _agreed(
            once.exchange(X25519PublicKey.from_public_bytes(lock.recipient)), public
        )
    salt = os.urandom(16)
    return {"scrypt": salt.hex()}, _stretched(lock.passphrase, salt)


def _key(told: dict[str, str], opener: Opener) -> bytes:
    if "key" in told:
        if not opener.private_key:
            raise BackupProblem("It was sealed for a private key; name its file with --private-key.")
        public = bytes.fromhex(told["key"])
        private = X25519PrivateKey.from_private_bytes(opener.private_key)
        return _agreed(private.exchange(X25519PublicKey.from_public_bytes(public)), public)
    if not opener.passphrase:
        raise BackupProblem(
            "It was sealed with a passphrase; set LOKET_BACKUP_PASSPHRASE, for keys "
            "LOKET_BACKUP_KEYS_PASSPHRASE, or the variable of that name with _FILE."
        )
    return _stretched(opener.passphrase, bytes.fromhex(told["scrypt"]))


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


def _agreed(shared: bytes, public: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=public, info=b"loket back-up").derive(shared)


def _nonce(number: int, last: bool) -> bytes:
    return struct.pack(">IIB3x", 0, number, last)

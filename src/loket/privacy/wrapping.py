"""Master keys: what data keys are wrapped with.

A wrapped key is: one byte of version, 8 bytes that name the master, and the key sealed under it. So every
wrapped key says itself who can open it, and several masters may be in use while one follows another.
"""

import functools
from typing import Protocol

from django.conf import settings

from loket.privacy.sealing import DataKey, SealBroken, derived, new_data_key

MASTER_ID_BYTES = 8
_VERSION = b"\x01"
_HEAD = 1 + MASTER_ID_BYTES


class MasterKeyMissing(Exception):
    """No master key is configured, or not the one that a wrapped key asks for."""


class KeyWrapper(Protocol):
    """A master key, wherever it lives. A key management service fits behind these."""

    @property
    def id(self) -> bytes:
        """8 bytes that name this master for ever and betray nothing of it."""
        ...

    def wrap(self, secret: bytes, *, about: bytes) -> bytes: ...

    def unwrap(self, sealed: bytes, *, about: bytes) -> bytes:
        """Raises SealBroken."""
        ...


class LocalMaster:
    """A master key held in this process's memory."""

    def __init__(self, secret: bytes) -> None:
        self.id = derived(secret, "loket master id")[:MASTER_ID_BYTES]
        self._key = DataKey(derived(secret, "loket master wrap"))

    def wrap(self, secret: bytes, *, about: bytes) -> bytes:
        return self._key.encrypt(secret, about=about)

    def unwrap(self, sealed: bytes, *, about: bytes) -> bytes:
        return self._key.decrypt(sealed, about=about)


class KeyRing:
    """The masters in use: the first wraps, all of them unwrap."""

    def __init__(self, masters: tuple[KeyWrapper, ...]) -> None:
        if not masters:
            raise MasterKeyMissing("Set LOKET_MASTER_KEY or LOKET_MASTER_KEY_FILE (64 hexadecimal digits).")
        self._current = masters[0]
        self._by_id = {master.id: master for master in masters}

    @property
    def current_id(self) -> bytes:
        return self._current.id

    def new_key(self, about: bytes) -> tuple[DataKey, bytes]:
        """A new data key, open and wrapped."""
        key = new_data_key()
        return key, self.wrap(key, about)

    def wrap(self, key: DataKey, about: bytes) -> bytes:
        return _VERSION + self._current.id + self._current.wrap(key.reveal(), about=about)

    def unwrap(self, wrapped: bytes | memoryview, about: bytes) -> DataKey:
        """Raises SealBroken, or MasterKeyMissing where the master is not configured any more."""
        wrapped = bytes(wrapped)
        if wrapped[:1] != _VERSION or len(wrapped) <= _HEAD:
            raise SealBroken
        master = self._by_id.get(master_id(wrapped))
        if master is None:
            raise MasterKeyMissing(
                f"A key was wrapped by master {master_id(wrapped).hex()}; LOKET_MASTER_KEY doesn't list it."
            )
        return DataKey(master.unwrap(wrapped[_HEAD:], about=about))


def master_id(wrapped: bytes) -> bytes:
    """Which master wrapped this key."""
    return wrapped[1:_HEAD]


def key_ring() -> KeyRing:
    """The configured masters. Raises MasterKeyMissing where there is none."""
    return _ring(settings.MASTER_KEYS)


@functools.lru_cache(maxsize=4)
def _ring(secrets: tuple[bytes, ...]) -> KeyRing:
    return KeyRing(tuple(LocalMaster(secret) for secret in secrets))

"""What is sealed opens with its own passphrase or key only, and every change to it is noticed."""

import io

import pytest

from loket.config.backup.programs import BackupProblem
from loket.config.backup.sealed import Lock, Opener, Sealing, new_pair, opened

_LONG = bytes(range(256)) * 5_000
_PIECE = 2**20 + 16


def sealed(content: bytes, lock: Lock) -> bytes:
    out = io.BytesIO()
    sealing = Sealing(out, lock)
    for start in range(0, len(content), 70_001):
        sealing.write(content[start : start + 70_001])
    sealing.close()
    return out.getvalue()


def clear(content: bytes, opener: Opener) -> bytes:
    return b"".join(opened(io.BytesIO(content), opener))


@pytest.mark.parametrize("content", [b"", b"x", _LONG, bytes(2**20), bytes(2**21)])
def test_what_was_sealed_opens_again(content: bytes) -> None:
    private, public = new_pair()
    for lock, opener in (
        (Lock(), Opener()),
        (Lock(passphrase="four words of a kind"), Opener(passphrase="four words of a kind")),
        (Lock(recipient=public), Opener(private_key=private)),
    ):
        stored = sealed(content, lock)
        assert clear(stored, opener) == content
        assert lock.kind == "no" or content[:64] not in stored or len(content) < 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: stored[:-1],
        lambda stored: stored[:-_PIECE],
        lambda stored: stored[: len(stored) // 2] + b"\x00" + stored[len(stored) // 2 + 1 :],
        lambda stored: stored[: stored.index(b"\n") + 1] + stored[stored.index(b"\n") + 1 + _PIECE :],
    ],
)
def test_every_change_is_noticed(spoil) -> None:  # type: ignore[no-untyped-def]
    stored = sealed(b"z" * (2**20 * 2 + 300_000), Lock(passphrase="four words of a kind"))
    with pytest.raises(BackupProblem):
        clear(spoil(stored), Opener(passphrase="four words of a kind"))


def test_another_passphrase_or_key_opens_nothing() -> None:
    _private, public = new_pair()
    other, _ = new_pair()
    with pytest.raises(BackupProblem, match="another passphrase"):
        clear(sealed(_LONG, Lock(passphrase="one")), Opener(passphrase="another"))
    with pytest.raises(BackupProblem, match="another passphrase or key"):
        clear(sealed(_LONG, Lock(recipient=public)), Opener(private_key=other))
    with pytest.raises(BackupProblem, match="private key"):
        clear(sealed(_LONG, Lock(recipient=public)), Opener())
    with pytest.raises(BackupProblem, match="LOKET_BACKUP_PASSPHRASE"):
        clear(sealed(_LONG, Lock(passphrase="one")), Opener())

"""A folder of back-ups: each a folder that appears whole or not at all, with the sums of what is in it.

<id>/manifest.json  <id>/main.dump  <id>/files.list     a back-up of data
<id>/manifest.json  <id>/keys.dump                      a back-up of keys, in another folder altogether
files/xx/yy/<blob>                                      blobs, shared by all back-ups of the folder
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from loket.config.backup.programs import BackupProblem

MANIFEST = "manifest.json"
_MAKING = ".making-"
_READ = 2**20


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up holds. `facts`: rows by table. `missing`: blobs that the installation itself lacked."""

    id: str
    kind: str
    made_at: str
    version: str
    sealed: str
    parts: tuple[Part, ...]
    facts: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


class Summing:
    """A file that is written, with its size and sum."""

    def __init__(self, path: Path) -> None:
        self._path, self._sum, self.size = path, hashlib.sha256(), 0
        self._file: IO[bytes] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._sum.update(content)
        self.size += len(content)

    def close(self) -> Part:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Part(self._path.name, self.size, self._sum.hexdigest())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time in a folder. Raises BackupProblem where another is at it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupProblem(f"Another back-up is being made in {folder}.") from None
        for half in folder.glob(f"{_MAKING}*"):
            shutil.rmtree(half)
        yield


@contextmanager
def new(folder: Path, backup_id: str) -> Iterator[Path]:
    """A folder to fill. It gets its name, and counts, only once all is in it and on the disk."""
    making = folder / f"{_MAKING}{backup_id}"
    making.mkdir(mode=0o700)
    try:
        yield making
        _flush(making)
        making.rename(folder / backup_id)
        _flush(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def write_manifest(folder: Path, manifest: Manifest) -> None:
    told = asdict(manifest)
    path = Summing(folder / MANIFEST)
    path.write(json.dumps({**told, "sum": _sum_of(told)}, indent=1, sort_keys=True).encode())
    path.close()


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupProblem where there is none or it was changed."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        given = told.pop("sum")
        if _sum_of(told) != given:
            raise BackupProblem(f"{folder / MANIFEST} was changed.")
        parts = tuple(Part(**part) for part in told.pop("parts"))
        return Manifest(**{**told, "parts": parts, "missing": tuple(told["missing"])})
    except FileNotFoundError:
        raise BackupProblem(f"{folder} holds no back-up.") from None
    except (OSError, ValueError, TypeError, KeyError):
        raise BackupProblem(f"{folder / MANIFEST} can't be read.") from None


def all_in(folder: Path) -> tuple[Manifest, ...]:
    """Oldest first. Raises BackupProblem."""
    found = [read_manifest(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}"))]
    return tuple(sorted(found, key=lambda one: one.at))


def faults_of(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Parts that are not as they were written."""
    for part in manifest.parts:
        path = folder / part.name
        if not path.is_file():
            yield f"{path} is missing"
        elif sum_of_file(path) != part.sha256:
            yield f"{path} was changed"


def outdated(manifests: tuple[Manifest, ...], days: int, now: datetime) -> tuple[Manifest, ...]:
    """Older than their term; the newest of all stays whatever its age."""
    return tuple(one for one in manifests[:-1] if now - one.at > timedelta(days=days))


def drop(folder: Path, manifests: tuple[Manifest, ...]) -> int:
    """The manifest goes first: what is half dropped is no back-up any more."""
    for one in manifests:
        (folder / one.id / MANIFEST).unlink()
        shutil.rmtree(folder / one.id)
    return len(manifests)


def sum_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sum_of(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

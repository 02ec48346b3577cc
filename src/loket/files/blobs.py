"""Sealed bytes on disk, by id: whole or not at all."""

import contextlib
import errno
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from loket.files.types import DiskFull

_UNFINISHED = "unfinished"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write(blob_id: UUID, sealed: bytes) -> None:
    """Keeps `sealed`, on the disk for good when this returns. Refuses DiskFull, leaving nothing behind."""
    target = _path(blob_id)
    draft = _root() / _UNFINISHED / blob_id.hex
    try:
        for folder in (draft.parent, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_through(draft, sealed)
        draft.rename(target)
        _flush_folder(target.parent)
    except OSError as problem:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        if problem.errno in _NO_ROOM:
            raise DiskFull from problem
        raise


def read(blob_id: UUID) -> bytes:
    """The sealed bytes. Raises FileNotFoundError."""
    return _path(blob_id).read_bytes()


def remove(blob_id: UUID) -> None:
    """Removes the blob; one that is gone already is no problem."""
    _path(blob_id).unlink(missing_ok=True)


def older_than(moment: datetime) -> Iterator[UUID]:
    """The blobs last written before `moment`, one folder at a time."""
    for shard in _folders(_root()):
        if shard.name == _UNFINISHED:
            continue
        for folder in _folders(shard):
            for entry in _entries_older(folder, moment):
                with contextlib.suppress(ValueError):
                    yield UUID(hex=entry.name)


def remove_unfinished(moment: datetime) -> int:
    """Removes what writers that died before `moment` left; returns how many."""
    left = _entries_older(_root() / _UNFINISHED, moment)
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _root() -> Path:
    return Path(settings.FILES)


def _path(blob_id: UUID) -> Path:
    # Ids begin with the time, so the folders are taken from their random end.
    name = blob_id.hex
    return _root() / name[-2:] / name[-4:-2] / name


def _write_through(path: Path, sealed: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())


def _flush_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def _entries_older(folder: Path, moment: datetime) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < moment.timestamp()
        ]

"""Blobs of uploads, kept once for all back-ups of a folder: a blob never changes, and is sealed already."""

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from uuid import UUID

from loket.config.backup.shelf import Summing, sum_of_file

_FOLDER = "files"
_LIST = "files.list"
Said = Callable[[int], None]


def _silent(count: int) -> None:
    """Tells nobody."""


def take_all(folder: Path, files: Path, said: Said = _silent) -> None:
    """Copies every blob there is; what is there already is left. To be run again after an interruption."""
    for path in _blobs(files):
        _take(folder, path)
        said(1)


def take(folder: Path, files: Path, wanted: Iterable[UUID]) -> tuple[UUID, ...]:
    """Copies these; those that are nowhere."""
    return tuple(
        blob
        for blob in wanted
        if not (_place(folder, blob)).exists() and not _take(folder, path_of(files, blob))
    )


def write_list(making: Path, folder: Path, wanted: Collection[UUID], known: Mapping[str, str]) -> Summing:
    """`files.list`: sum and name of every blob of this back-up; those in `known` are not summed again."""
    out = Summing(making / _LIST)
    for blob in sorted(wanted):
        place = _place(folder, blob)
        if place.exists():
            out.write(f"{known.get(blob.hex) or sum_of_file(place)} {blob.hex}\n".encode())
    return out


def listed(backup: Path) -> Mapping[str, str]:
    """Sums by blob."""
    path = backup / _LIST
    lines = path.read_text(encoding="ascii").splitlines() if path.is_file() else []
    return {name: digest for digest, name in (line.split() for line in lines)}


def faults_of(folder: Path, blobs: Mapping[str, str], said: Said = _silent) -> Iterator[str]:
    for name, digest in blobs.items():
        place = _place(folder, UUID(hex=name))
        if not place.is_file():
            yield f"{place} is missing"
        elif sum_of_file(place) != digest:
            yield f"{place} was changed"
        said(1)


def give_back(folder: Path, files: Path, names: Iterable[str], said: Said = _silent) -> tuple[str, ...]:
    """Puts blobs where Loket looks for them, those there already left; the names of those not found."""
    lacking = []
    for name in names:
        source, target = _place(folder, UUID(hex=name)), path_of(files, UUID(hex=name))
        if not source.exists():
            lacking.append(name)
        elif not target.exists():
            _copy(source, target)
        said(1)
    return tuple(lacking)


def names_in(folder: Path) -> Iterator[str]:
    return (path.name for path in _blobs(folder / _FOLDER))


def drop_all_but(folder: Path, wanted: Collection[str]) -> int:
    count = 0
    for path in list(_blobs(folder / _FOLDER)):
        if path.name not in wanted:
            path.unlink()
            count += 1
    return count


def path_of(files: Path, blob: UUID) -> Path:
    """As `loket.files` names them: ids begin with the time, so folders come from their random end."""
    return files / blob.hex[-2:] / blob.hex[-4:-2] / blob.hex


def _place(folder: Path, blob: UUID) -> Path:
    return path_of(folder / _FOLDER, blob)


def _blobs(files: Path) -> Iterator[Path]:
    return (path for path in files.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*") if len(path.name) == 32)


def _take(folder: Path, source: Path) -> bool:
    target = _place(folder, UUID(hex=source.name))
    if target.exists():
        return True
    try:
        _copy(source, target)
    except FileNotFoundError:
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.half")
    shutil.copyfile(source, half)
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.chmod(0o600)
    half.rename(target)

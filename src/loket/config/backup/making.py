"""Making a back-up: data and files as they were at one moment, and keys that are at least as new."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

from loket import __version__
from loket.config.backup import pool, shelf
from loket.config.backup.programs import BackupProblem, address, last_words, program, server_of
from loket.config.backup.sealed import Lock, Sealing
from loket.config.backup.shelf import Manifest, Part, Summing
from loket.config.routers import KEYS
from loket.files import queries as files

DATA_DUMP, KEYS_DUMP = "main.dump", "keys.dump"
_READ = 2**20
_KEPT_APART = "keystore"

Said = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where back-ups go. Raises BackupProblem where keys would lie with the data that they open."""

    data: Path
    keys: Path

    def __post_init__(self) -> None:
        if self.data == self.keys or self.data in self.keys.parents or self.keys in self.data.parents:
            raise BackupProblem(
                f"Keys must be kept apart from data: {self.keys} and {self.data} lie in each other. "
                "Whoever can read both can read what was erased."
            )


def data_lock() -> Lock:
    return Lock(settings.BACKUP_PASSPHRASE, settings.BACKUP_PUBLIC_KEY)


def keys_lock() -> Lock:
    return Lock(settings.BACKUP_KEYS_PASSPHRASE)


def make(places: Places, now: datetime, *, dumped: Said, copied: Said) -> tuple[Manifest, Manifest]:
    """A back-up of data and, after it, one of keys. `dumped` and `copied` are told bytes and files.

    Files first, then the database at one moment with the files that came in between: so every file that this
    moment knows is kept, but those that were deleted meanwhile. Raises BackupProblem.
    """
    with shelf.alone(places.data), shelf.alone(places.keys):
        pool.take_all(places.data, settings.FILES, copied)
        with shelf.new(places.data, _id(now)) as making:
            data = _data(places.data, making, now, dumped)
        return data, _keys(places.keys, now, dumped)


def make_keys(folder: Path, now: datetime, *, dumped: Said) -> Manifest:
    """Keys alone: small and quick, so that little is lost of what was erased since. Raises BackupProblem."""
    with shelf.alone(folder):
        return _keys(folder, now, dumped)


def _data(folder: Path, making: Path, now: datetime, dumped: Said) -> Manifest:
    with _one_moment() as snapshot:
        parts = [_dump("default", making / DATA_DUMP, data_lock(), dumped, snapshot)]
        wanted = set(files.blobs_known())
        facts = counts()
    lacking = pool.take(folder, settings.FILES, wanted)
    # Deleted while we were at work, or lost: only what a file still points at is lost.
    lost = files.blobs_known_of(lacking) if lacking else frozenset()
    parts.append(pool.write_list(making, folder, wanted, _sums_known(folder)).close())
    manifest = Manifest(
        id=_id(now),
        kind="data",
        made_at=now.astimezone(UTC).isoformat(),
        version=__version__,
        sealed=data_lock().kind,
        parts=tuple(parts),
        facts=facts,
        missing=tuple(sorted(blob.hex for blob in lost)),
    )
    shelf.write_manifest(making, manifest)
    return manifest


def _keys(folder: Path, now: datetime, dumped: Said) -> Manifest:
    with shelf.new(folder, _id(now)) as making:
        part = _dump(KEYS, making / KEYS_DUMP, keys_lock(), dumped)
        manifest = Manifest(
            id=_id(now),
            kind="keys",
            made_at=now.astimezone(UTC).isoformat(),
            version=__version__,
            sealed=keys_lock().kind,
            parts=(part,),
        )
        shelf.write_manifest(making, manifest)
    return manifest


def counts() -> Mapping[str, int]:
    """Rows by table, of the main database."""
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label != _KEPT_APART and not model._meta.proxy and model._meta.managed
    }


@contextmanager
def _one_moment() -> Iterator[str]:
    """The name of a snapshot that others may look at as long as this is open."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _dump(alias: str, path: Path, lock: Lock, dumped: Said, snapshot: str = "") -> Part:
    connection = connections[alias]
    command = [
        program("pg_dump", server=server_of(alias)),
        *("--format=custom", "--compress=gzip:3", "--no-owner", "--no-privileges"),
        *([f"--snapshot={snapshot}"] if snapshot else []),
    ]
    out = Summing(path)
    sealing = Sealing(out, lock)
    with subprocess.Popen(  # noqa: S603 - our own words
        command, env=address(connection.settings_dict), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        told: list[bytes] = []
        # Read beside, or a talkative program would wait for us while we wait for it.
        listener = threading.Thread(target=lambda pipe: told.append(pipe.read()), args=(running.stderr,))
        listener.start()
        while content := running.stdout.read(_READ):
            sealing.write(content)
            dumped(len(content))
        listener.join()
    if running.returncode != 0:
        raise BackupProblem(f"pg_dump failed: {last_words(b''.join(told).decode(errors='replace'))}")
    sealing.close()
    return out.close()


def _sums_known(folder: Path) -> Mapping[str, str]:
    """Of the newest back-up: blobs never change, so their sums need not be computed each night."""
    earlier = shelf.all_in(folder)
    return pool.listed(folder / earlier[-1].id) if earlier else {}


def _id(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")

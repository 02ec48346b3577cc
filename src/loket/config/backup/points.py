"""Going back to any moment: a copy of the whole server, and everything it wrote from then on.

The keys must live on another server: here they would come back with every older state, and what was erased
would with them. What the server writes is kept as it is; only the copy is sealed.
"""

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any, cast

from django.conf import settings
from django.db import connections

from loket import __version__
from loket.config import environment
from loket.config.backup import pool, shelf
from loket.config.backup.making import data_lock
from loket.config.backup.programs import BackupProblem, address, last_words, program, run, server_of
from loket.config.backup.sealed import Opener, Sealing, opened
from loket.config.backup.shelf import Manifest, Summing
from loket.config.routers import KEYS

_COPY = "base.tar.gz"
_WAL = "wal"
_REPLAYED = "loket_wal"
_SLOT = "loket_backup"
_READ = 2**20
_SEGMENT = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
Said = Callable[[int], None]


def make_base(folder: Path, now: datetime, said: Said) -> Manifest:
    """Raises BackupProblem, also where keys live on the same server."""
    _refuse_keys_beside()
    with shelf.alone(folder), shelf.new(folder, f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-base") as making:
        pool.take_all(folder, settings.FILES)
        out = Summing(making / _COPY)
        sealing = Sealing(out, data_lock())
        command = [
            program("pg_basebackup", server=server_of("default")),
            *("--pgdata=-", "--format=tar", "--compress=server-gzip:1", "--wal-method=fetch"),
            *("--checkpoint=fast", "--no-manifest", "--no-password"),
        ]
        with (
            (making / "said").open("w+") as told,
            Popen(  # noqa: S603 - our own words
                command, env=_replicating(), stdout=PIPE, stderr=told
            ) as running,
        ):
            assert running.stdout is not None
            while content := running.stdout.read(_READ):
                sealing.write(content)
                said(len(content))
            running.wait()
            told.seek(0)
            words = last_words(told.read())
        (making / "said").unlink()
        if running.returncode != 0:
            raise BackupProblem(f"pg_basebackup failed: {words}")
        sealing.close()
        manifest = Manifest(
            id=making.name.removeprefix(".making-"),
            kind="base",
            made_at=now.astimezone(UTC).isoformat(),
            version=__version__,
            sealed=data_lock().kind,
            parts=(out.close(),),
        )
        shelf.write_manifest(making, manifest)
    return manifest


def streaming(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The command that keeps what the server writes. Its slot makes the server wait. Raises BackupProblem."""
    _refuse_keys_beside()
    (folder / _WAL).mkdir(mode=0o700, parents=True, exist_ok=True)
    receive = program("pg_receivewal", server=server_of("default"))
    given = _replicating()
    run([receive, f"--slot={_SLOT}", "--create-slot", "--if-not-exists", "--no-password"], given)
    return [
        receive,
        f"--directory={folder / _WAL}",
        f"--slot={_SLOT}",
        "--synchronous",
        "--no-password",
    ], given


def lay_out(
    folder: Path, into: Path, base_id: str | None, until: datetime | None, opener: Opener
) -> Manifest:
    """`into` must not exist or be empty. Raises BackupProblem."""
    if into.exists() and any(into.iterdir()):
        raise BackupProblem(f"{into} is not empty; nothing is overwritten.")
    bases = [one for one in shelf.all_in(folder) if one.kind == "base"]
    fitting = [one for one in bases if (one.id == base_id if base_id else until is None or one.at < until)]
    if not fitting:
        raise BackupProblem(f"{folder} holds no copy of the server from before that moment.")
    chosen = fitting[-1]
    faults = list(shelf.faults_of(folder / chosen.id, chosen))
    if faults:
        raise BackupProblem(f"The back-up is damaged: {'; '.join(faults)}.")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    into.chmod(0o700)
    try:
        with (
            (folder / chosen.id / _COPY).open("rb") as file,
            tarfile.open(fileobj=cast(IO[bytes], _Reading(opened(file, opener))), mode="r|gz") as archive,
        ):
            # Newer Pythons refuse by this what leads out of the folder; we do on all of them.
            archive.extraction_filter = getattr(tarfile, "tar_filter", None)
            for member in archive:
                if member.name.startswith("/") or ".." in Path(member.name).parts:
                    raise BackupProblem(f"The copy of the server holds {member.name}, which leads out of it.")
                archive.extract(member, into)
        _give_wal(folder / _WAL, into / _REPLAYED)
        _tell_how_far(into, until)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    return chosen


def give_files_back(folder: Path, copied: Said) -> None:
    """Whatever blobs are kept; Loket sweeps away those that nothing knows."""
    pool.give_back(folder, settings.FILES, list(pool.names_in(folder)), copied)


class _Reading:
    """Reads like a file from pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def read(self, size: int) -> bytes:
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        given, self._held = self._held[:size], self._held[size:]
        return given


def _give_wal(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    for path in sorted(source.glob("*")) if source.is_dir() else []:
        name = path.name.removesuffix(".partial")
        if _SEGMENT.fullmatch(name) and not (target / name).exists():
            shutil.copyfile(path, target / name)


def _tell_how_far(into: Path, until: datetime | None) -> None:
    lines = [
        "# Written by loket restore point",
        # The server works in its data folder, so the place may be told from there.
        f"restore_command = 'cp {_REPLAYED}/%f \"%p\"'",
        "recovery_target_action = 'promote'",
    ]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'")
    with (into / "postgresql.auto.conf").open("a") as file:
        file.write("\n".join(lines) + "\n")
    (into / "recovery.signal").touch(mode=0o600)
    with suppress(FileNotFoundError):
        (into / "postmaster.pid").unlink()
    for name in os.listdir(into / "pg_replslot") if (into / "pg_replslot").is_dir() else []:
        # A slot of the old server would keep the new one's disk filling.
        shutil.rmtree(into / "pg_replslot" / name)


def _replicating() -> dict[str, str]:
    if not settings.REPLICATION_URL:
        raise BackupProblem(
            "Set LOKET_REPLICATION_URL to the main server's address with a role that has REPLICATION."
        )
    return address(environment.database("REPLICATION_URL", settings.REPLICATION_URL))


def _refuse_keys_beside() -> None:
    question = "SELECT pg_postmaster_start_time(), inet_server_port(), inet_server_addr()"
    found: list[Any] = []
    for alias in ("default", KEYS):
        with connections[alias].cursor() as cursor:
            cursor.execute(question)
            found.append(cursor.fetchone())
    if found[0] == found[1]:
        raise BackupProblem(
            "The key store lives on the same server as the data: a copy of that server would keep "
            "the keys of what is erased. Give the key store a server of its own, or use: loket backup create"
        )

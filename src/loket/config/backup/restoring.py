"""Restoring into an empty installation: old data, current keys, and what was erased stays erased."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections
from psycopg import sql

from loket.config.backup import pool, shelf
from loket.config.backup.making import DATA_DUMP, KEYS_DUMP
from loket.config.backup.programs import BackupProblem, address, last_words, program, server_of
from loket.config.backup.sealed import Opener, opened
from loket.config.backup.shelf import Manifest
from loket.config.routers import KEYS

Said = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """`keys_of`: the back-up that the keys came from; None where the key store had survived."""

    data: Manifest
    keys_of: Manifest | None
    lacking: tuple[str, ...]


def newest(folder: Path, kind: str) -> Manifest:
    """Raises BackupProblem where there is none."""
    found = [one for one in shelf.all_in(folder) if one.kind == kind]
    if not found:
        raise BackupProblem(f"{folder} holds no back-up of {kind}.")
    return found[-1]


def refuse_unless_empty(*, database: bool = True) -> None:
    """Raises BackupProblem where something of an installation is left that restoring would mix up."""
    if database and _tables("default"):
        raise BackupProblem(
            f"The database {connections['default'].settings_dict['NAME']} is not empty. "
            "Restore into a new one: DROP DATABASE and CREATE DATABASE, or set LOKET_DATABASE_URL."
        )
    if next(settings.FILES.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"), None) is not None:
        raise BackupProblem(f"{settings.FILES} holds files already. Move them away, or set LOKET_FILES.")


def restore(
    data_folder: Path,
    backup_id: str,
    keys_folder: Path | None,
    opener: Opener,
    keys_opener: Opener,
    *,
    copied: Said,
) -> Restored:
    """Verified first, then all or nothing for each database. `reconciling` comes after.

    The keys that are there stay, since they are the current ones; otherwise the newest back-up of keys is
    taken, whatever the age of the data. Raises BackupProblem.
    """
    refuse_unless_empty()
    folder = data_folder / backup_id
    manifest = shelf.read_manifest(folder)
    # The list of files is one of the parts: it is read only once it is known to be whole.
    refuse_damaged(list(shelf.faults_of(folder, manifest)))
    blobs = pool.listed(folder)
    refuse_damaged(list(pool.faults_of(data_folder, blobs)))
    keys_of = restore_keys(keys_folder, keys_opener)
    load("default", folder / DATA_DUMP, opener)
    refuse_other_counts(manifest)
    lacking = pool.give_back(data_folder, settings.FILES, blobs, copied)
    return Restored(manifest, keys_of, lacking)


def restore_keys(keys_folder: Path | None, opener: Opener) -> Manifest | None:
    """The newest back-up of keys, where the key store is gone. Raises BackupProblem."""
    if _tables(KEYS) and _keys_are_there():
        return None
    if keys_folder is None:
        raise BackupProblem("The key store is empty. Name the folder of its back-ups with --keys-from.")
    if _tables(KEYS):
        raise BackupProblem(
            f"The database {connections[KEYS].settings_dict['NAME']} has tables but no keys. "
            "Make it empty (DROP DATABASE and CREATE DATABASE), then restore again."
        )
    manifest = newest(keys_folder, "keys")
    folder = keys_folder / manifest.id
    refuse_damaged(list(shelf.faults_of(folder, manifest)))
    load(KEYS, folder / KEYS_DUMP, opener)
    return manifest


def refuse_damaged(faults: list[str]) -> None:
    if faults:
        raise BackupProblem(f"The back-up is damaged: {'; '.join(faults[:5])}"
                            + (f" and {len(faults) - 5} more." if len(faults) > 5 else "."))  # fmt: skip


def refuse_other_counts(manifest: Manifest) -> None:
    """Raises BackupProblem where the restored tables hold other numbers of rows than were there."""
    with connections["default"].cursor() as cursor:
        for table, count in manifest.facts.items():
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            if (found := cursor.fetchone()[0]) != count:
                raise BackupProblem(f"{table} has {found} rows where the back-up had {count}.")


def load(alias: str, path: Path, opener: Opener) -> None:
    """In one transaction: a database is whole or stays empty. Raises BackupProblem."""
    connection = connections[alias]
    given = address(connection.settings_dict)
    command = [
        program("pg_restore", server=server_of(alias)),
        *(
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--dbname",
            given["PGDATABASE"],
        ),
    ]
    connection.close()
    with (
        path.open("rb") as file,
        subprocess.Popen(  # noqa: S603 - our own words
            command, env=given, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as running,
    ):
        assert running.stdin is not None
        assert running.stderr is not None
        try:
            for content in opened(file, opener):
                running.stdin.write(content)
            running.stdin.close()
        except BrokenPipeError:
            # It gave up; its words say why.
            os.close(os.dup(running.stderr.fileno()))
        except BackupProblem:
            running.kill()
            raise
        told = running.stderr.read()
    if running.returncode != 0:
        raise BackupProblem(f"pg_restore failed: {last_words(told.decode(errors='replace'))}")


def _tables(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()"
        )
        return int(cursor.fetchone()[0])


def _keys_are_there() -> bool:
    with connections[KEYS].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM keystore_storedkey) OR EXISTS (SELECT FROM keystore_rootsecret)"
        )
        return bool(cursor.fetchone()[0])

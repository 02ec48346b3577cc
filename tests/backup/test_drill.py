"""A restore drill: cases, a back-up, more cases, one erased, all lost, restored, compared field by field."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connections
from psycopg import sql

from loket.casework import actions as casework
from loket.config.backup import making, pool, restoring, shelf
from loket.config.backup.making import Places
from loket.config.backup.programs import BackupProblem, address
from loket.config.commands import backups
from loket.files.models import StoredFile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.privacy import actions as privacy
from tests import county
from tests.access.scene import scene
from tests.backup.comparing import opened_cases

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)


def quiet(count: int) -> None:
    """Nobody watches."""


@pytest.fixture
def empty() -> Iterator[dict[str, str]]:
    """Two new databases beside the tests' own: what they are called in the environment."""
    mark, found = secrets.token_hex(4), {}
    with psycopg.connect(_own(), autocommit=True) as server:
        for name in ("DATABASE_URL", "KEYS_URL"):
            database = f"drill_{name.lower()}_{mark}"
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            found[f"LOKET_{name}"] = os.environ[f"LOKET_{name}"].rpartition("/")[0] + f"/{database}"
        yield found
        for url in found.values():
            server.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(url.rpartition("/")[2]))
            )


def test_what_is_restored_is_what_was_there_and_the_erased_stay_erased(
    tmp_path: Path, empty: dict[str, str]
) -> None:
    seen = scene(clock.now())
    places = Places(tmp_path / "data", tmp_path / "keys")
    then = opened_cases()
    rows = fingerprints(_own())
    data, _keys = making.make(places, clock.now(), dumped=quiet, copied=quiet)
    assert not data.missing
    assert data.facts["casework_case"] == len(then)
    with pytest.raises(BackupProblem, match="is not empty"):
        restoring.refuse_unless_empty()
    # Later: one more case that no back-up of data has, one erased, and keys backed up again.
    county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now())
    privacy.destroy_keys_of(seen.fresh.id, by=SYSTEM, now=clock.now())
    casework.erase_again(case_id=seen.fresh.id, by=SYSTEM, now=clock.now())
    making.make_keys(places.keys, clock.now(), dumped=quiet)
    # A flipped byte, a lost file, and a part cut off are found before anything is touched.
    for spoil in (flip, lose_a_blob, cut_off):
        spoilt = tmp_path / spoil.__name__
        shutil.copytree(places.data, spoilt)
        spoil(spoilt, data.id)
        told = CliRunner().invoke(backups.verify, [str(spoilt)])
        assert told.exit_code == 1, spoil.__name__
        assert ("is missing" if spoil is lose_a_blob else "was changed") in told.output
    refused = restore(tmp_path / flip.__name__, places.keys, tmp_path / "nothing", empty)
    assert refused.returncode == 1
    assert "The back-up is damaged" in refused.stderr
    assert CliRunner().invoke(backups.verify, [str(places.data)]).exit_code == 0
    done = restore(places.data, places.keys, tmp_path / "files", empty)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"1 cases that were erased since stay erased: {seen.fresh.reference}." in done.stdout
    assert "it is intact" in done.stdout
    there = empty["LOKET_DATABASE_URL"]
    changed = {table for table, sum_ in fingerprints(there).items() if sum_ != rows[table]}
    # Only what erasing touches, and what it leaves on record.
    assert changed <= {
        "casework_case", "casework_caseevent", "casework_caseindex", "casework_casepaper", "casework_notice",
        "casework_inquiry", "casework_reminder", "audit_entry", "files_storedfile", "notifications_message",
        "procrastinate_jobs", "procrastinate_events", "payments_payment", "django_migrations",
    }, changed  # fmt: skip
    back = json.loads(run([sys.executable, "-m", "tests.backup.opening"], empty, tmp_path / "files").stdout)
    assert back.pop(str(seen.fresh.id)) == {"erased": True}
    assert back == {case: told for case, told in then.items() if case != str(seen.fresh.id)}


def test_a_file_that_is_lost_already_is_said_and_the_rest_is_kept(tmp_path: Path) -> None:
    seen = scene(clock.now())
    blob = StoredFile.objects.get(id=seen.file).blob_id
    pool.path_of(settings.FILES, blob).unlink()
    data, _keys = making.make(
        Places(tmp_path / "data", tmp_path / "keys"), clock.now(), dumped=quiet, copied=quiet
    )
    assert data.missing == (blob.hex,)
    assert pool.listed(tmp_path / "data" / data.id)


def fingerprints(url: str) -> Mapping[str, str]:
    """A sum over every row of every table."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1"
        ).fetchall()
        found = {}
        for (table,) in tables:
            query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t")
            row = connection.execute(query.format(sql.Identifier(table))).fetchone()
            assert row
            found[table] = row[0]
    return found


def flip(folder: Path, backup_id: str) -> None:
    path = folder / backup_id / making.DATA_DUMP
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_a_blob(folder: Path, backup_id: str) -> None:
    name = next(iter(pool.listed(folder / backup_id)))
    pool.path_of(folder / "files", UUID(hex=name)).unlink()


def cut_off(folder: Path, backup_id: str) -> None:
    path = folder / backup_id / "files.list"
    path.write_bytes(path.read_bytes()[:-20])


def restore(
    data: Path, keys: Path, files: Path, databases: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loket.config.command", "restore", "data"]
    return run([*command, "--from", str(data), "--keys-from", str(keys)], databases, files)


def run(command: list[str], databases: Mapping[str, str], files: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **databases, "LOKET_FILES": str(files), "PYTHONPATH": "src:."}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _own() -> str:
    given = address(connections["default"].settings_dict)
    return (
        f"postgresql://{given['PGUSER']}:{given['PGPASSWORD']}@{given['PGHOST']}:{given['PGPORT']}"
        f"/{given['PGDATABASE']}"
    )


@pytest.mark.parametrize("inside", ["data", "data/keys", "."])
def test_keys_are_never_kept_with_the_data(tmp_path: Path, inside: str) -> None:
    with pytest.raises(BackupProblem, match="kept apart"):
        Places(tmp_path / "data", (tmp_path / inside))


def test_half_a_back_up_is_none(tmp_path: Path) -> None:
    half = shelf.new(tmp_path, "one")
    (half.__enter__() / "main.dump").write_bytes(b"half")
    lost = RuntimeError("the power went")
    assert not half.__exit__(RuntimeError, lost, None)
    assert shelf.all_in(tmp_path) == ()
    assert not list(tmp_path.iterdir())

"""What is kept how long, what is dropped with it, and that an interrupted back-up is gone on with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from loket.config.backup import pool, shelf
from loket.config.backup.programs import BackupProblem
from loket.config.backup.shelf import Manifest

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def kept(folder: Path, days_ago: int, blobs: tuple[UUID, ...] = ()) -> Manifest:
    made_at = NOW - timedelta(days=days_ago)
    with shelf.new(folder, f"{made_at:%Y%m%d}") as making:
        part = pool.write_list(making, folder, blobs, {}).close()
        manifest = Manifest(
            making.name.removeprefix(".making-"), "data", made_at.isoformat(), "1", "no", (part,)
        )
        shelf.write_manifest(making, manifest)
    return manifest


def test_what_is_past_its_term_goes_with_the_files_that_only_it_had(tmp_path: Path) -> None:
    files, folder = tmp_path / "files", tmp_path / "backups"
    folder.mkdir()
    old, both = uuid4(), uuid4()
    for blob in (old, both):
        place = pool.path_of(files, blob)
        place.parent.mkdir(parents=True)
        place.write_bytes(blob.bytes)
    pool.take_all(folder, files)
    kept(folder, 40, (old, both))
    recent = kept(folder, 3, (both,))
    doomed = shelf.outdated(shelf.all_in(folder), 35, NOW)
    assert shelf.drop(folder, doomed) == 1
    assert [one.id for one in shelf.all_in(folder)] == [recent.id]
    assert pool.drop_all_but(folder, set(pool.listed(folder / recent.id))) == 1
    assert list(pool.names_in(folder)) == [both.hex]
    assert not list(pool.faults_of(folder, pool.listed(folder / recent.id)))


def test_the_newest_stays_whatever_its_age(tmp_path: Path) -> None:
    kept(tmp_path, 400)
    assert not shelf.outdated(shelf.all_in(tmp_path), 35, NOW)


def test_files_that_were_copied_before_an_interruption_are_not_copied_again(tmp_path: Path) -> None:
    files, folder, said = tmp_path / "files", tmp_path / "backups", []
    blob = uuid4()
    place = pool.path_of(files, blob)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"sealed")
    pool.take_all(folder, files, said.append)
    copy = pool.path_of(folder / "files", blob)
    before = copy.stat().st_ino
    pool.take_all(folder, files, said.append)
    assert copy.stat().st_ino == before
    gone = uuid4()
    assert pool.take(folder, files, [blob, gone]) == (gone,)


def test_a_changed_manifest_is_noticed_and_two_at_once_are_refused(tmp_path: Path) -> None:
    made = kept(tmp_path, 1)
    path = tmp_path / made.id / shelf.MANIFEST
    path.write_text(path.read_text().replace('"data"', '"keys"'))
    with pytest.raises(BackupProblem, match="was changed"):
        shelf.read_manifest(tmp_path / made.id)
    with shelf.alone(tmp_path), pytest.raises(BackupProblem, match="Another back-up"):
        shelf.alone(tmp_path).__enter__()

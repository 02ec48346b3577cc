"""Storing, opening, moving and deleting, on a real disk and database."""

import io
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from loket.files import actions, jobs, queries, sniffing
from loket.files.intake import CappedUpload
from loket.files.models import StoredFile
from loket.files.types import (
    DiskFull,
    EmptyFile,
    FileMissing,
    FileRef,
    Infected,
    OwnerKind,
    Sweep,
    TooLarge,
    TooManyFiles,
    WrongType,
)
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.kernel.ids import new_id
from loket.privacy.actions import DataKey, SealBroken
from tests.files import samples
from tests.files.fake_clamd import EICAR, FakeClamd

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DRAFT, CASE = new_id(), new_id()
DRAFT_KEY, CASE_KEY = DataKey(b"d" * 32), DataKey(b"c" * 32)
ALLOWED = (sniffing.PDF, sniffing.JPEG, sniffing.PNG, sniffing.TEXT)


def store(content: bytes | CappedUpload | io.BytesIO, name: str = "scan.pdf", owner: UUID = DRAFT) -> FileRef:
    return actions.store_upload(
        owner_kind=OwnerKind.DRAFT,
        owner_id=owner,
        key=DRAFT_KEY,
        name=name,
        content=content,
        allowed=ALLOWED,
        max_bytes=100_000,
        by=APPLICANT,
        now=NOW,
    )


def opened(ref: FileRef, owner: UUID = DRAFT, key: DataKey = DRAFT_KEY) -> bytes:
    return queries.open_file(file_id=ref.id, owner_kind=OwnerKind.DRAFT, owner_id=owner, key=key).content


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def run_jobs() -> None:
    for job in ProcrastinateJob.objects.filter(task_name=actions.REMOVE_JOB).order_by("id"):
        jobs.remove_blobs(**job.args)


def test_a_file_comes_back_as_it_was_and_lies_sealed(files_folder: Path) -> None:
    ref = store(samples.PDF, "kitambulisho changu.pdf")
    assert ref == FileRef(ref.id, "kitambulisho changu.pdf", len(samples.PDF), sniffing.PDF)
    assert opened(ref) == samples.PDF
    (blob,) = on_disk(files_folder)
    assert b"PDF" not in blob.read_bytes()
    assert blob.stat().st_mode & 0o077 == 0
    row = StoredFile.objects.get()
    assert b"kitambulisho" not in bytes(row.sealed_name)


def test_storing_takes_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        with django_assert_num_queries(2):
            store(samples.PDF)


def test_something_to_read_is_read_no_further_than_allowed() -> None:
    assert opened(store(io.BytesIO(samples.PDF))) == samples.PDF
    endless = io.BytesIO(samples.PDF * 100_000)
    with pytest.raises(TooLarge):
        store(endless)
    assert endless.tell() == 100_001


def test_an_upload_cut_by_the_intake_is_too_large() -> None:
    cut = CappedUpload(file=io.BytesIO(), name="a.pdf", size=10)
    cut.too_large = True
    with pytest.raises(TooLarge) as refused:
        store(cut)
    assert refused.value.details == {"max_bytes": 100_000}


@pytest.mark.parametrize("content", [samples.EXE, samples.docx(), samples.image("GIF")])
def test_the_wrong_type_is_refused_whatever_it_is_called(content: bytes, files_folder: Path) -> None:
    with pytest.raises(WrongType):
        store(content, "really.pdf")
    assert not on_disk(files_folder)


def test_nothing_is_no_file() -> None:
    with pytest.raises(EmptyFile):
        store(b"")


def test_an_image_is_kept_without_its_metadata() -> None:
    ref = store(samples.photo_with_place(), "me.jpg")
    assert b"SECRET" not in opened(ref)
    assert ref.size == len(opened(ref))


def test_an_infected_file_is_not_kept(settings: Settings, files_folder: Path) -> None:
    with FakeClamd() as fake:
        settings.CLAMAV = fake.address
        store(b"clean text")
        with pytest.raises(Infected):
            store(EICAR)
    assert fake.scanned == [10, len(EICAR)]
    assert len(on_disk(files_folder)) == 1


@contextmanager
def no_file_longer_than(limit: int) -> Iterator[None]:
    """The operating system itself refuses to write more, in the middle of a file as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_half_written(files_folder: Path) -> None:
    with no_file_longer_than(4096), pytest.raises(DiskFull):
        store(b"long text " * 5000)
    assert not on_disk(files_folder)
    assert not StoredFile.objects.exists()
    assert opened(store(b"short text")) == b"short text"


def test_an_owner_has_so_many_files_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAX_FILES", 2)
    store(samples.PDF)
    store(samples.PDF)
    with pytest.raises(TooManyFiles):
        store(samples.PDF)
    store(samples.PDF, owner=new_id())


def test_another_owner_and_another_key_open_nothing() -> None:
    ref = store(samples.PDF)
    with pytest.raises(FileMissing):
        opened(ref, owner=CASE)
    with pytest.raises(SealBroken):
        opened(ref, key=CASE_KEY)


def test_a_blob_put_in_the_place_of_another_does_not_open(files_folder: Path) -> None:
    first, second = store(b"first text"), store(b"other text")
    one, other = sorted(on_disk(files_folder))
    one.write_bytes(other.read_bytes())
    broken = 0
    for ref in (first, second):
        try:
            opened(ref)
        except SealBroken:
            broken += 1
    assert broken == 1


def test_a_blob_that_is_gone_is_missing(files_folder: Path) -> None:
    ref = store(samples.PDF)
    on_disk(files_folder)[0].unlink()
    with pytest.raises(FileMissing):
        opened(ref)


def move(*ids: UUID) -> tuple[FileRef, ...]:
    return actions.move_to_owner(
        file_ids=ids,
        from_kind=OwnerKind.DRAFT,
        from_id=DRAFT,
        from_key=DRAFT_KEY,
        to_kind=OwnerKind.CASE,
        to_id=CASE,
        to_key=CASE_KEY,
        agency_id=None,
        by=APPLICANT,
        now=NOW,
    )


def test_moved_files_keep_their_ids_and_open_under_the_new_key(files_folder: Path) -> None:
    first, second = store(b"first text", "1.txt"), store(b"second text", "2.txt")
    assert move(second.id, first.id) == (second, first)
    assert queries.files_of(owner_kind=OwnerKind.CASE, owner_id=CASE, key=CASE_KEY) == (first, second)
    found = queries.open_file(file_id=first.id, owner_kind=OwnerKind.CASE, owner_id=CASE, key=CASE_KEY)
    assert found.content == b"first text"
    with pytest.raises(FileMissing):
        opened(first)
    assert len(on_disk(files_folder)) == 4
    run_jobs()
    assert len(on_disk(files_folder)) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_moving_takes_three_statements(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ids = [store(b"text").id for _ in range(count)]
    with django_assert_num_queries(5):  # with the savepoint's two
        move(*ids)


def test_moving_nothing_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert move() == ()


def test_a_move_that_rolls_back_leaves_the_draft_as_it_was(files_folder: Path) -> None:
    ref = store(b"my text")
    with transaction.atomic():
        move(ref.id)
        transaction.set_rollback(True)
    assert opened(ref) == b"my text"
    assert not ProcrastinateJob.objects.filter(task_name=actions.REMOVE_JOB).exists()


def test_somebody_elses_file_is_not_moved() -> None:
    mine, theirs = store(b"mine"), store(b"theirs", owner=new_id())
    with pytest.raises(FileMissing):
        move(mine.id, theirs.id)
    assert opened(mine) == b"mine"


def test_deleted_files_leave_the_disk_after_the_commit(files_folder: Path) -> None:
    mine, kept = store(b"mine"), store(b"kept", owner=CASE)
    delete = actions.delete_all_of
    assert delete(owner_kind=OwnerKind.DRAFT, owner_id=DRAFT, by=APPLICANT, now=NOW) == 1
    assert delete(owner_kind=OwnerKind.DRAFT, owner_id=DRAFT, by=APPLICANT, now=NOW) == 0
    assert (
        actions.delete(
            file_ids=[mine.id, kept.id], owner_kind=OwnerKind.DRAFT, owner_id=DRAFT, by=SYSTEM, now=NOW
        )
        == 0
    )
    run_jobs()
    assert len(on_disk(files_folder)) == 1
    assert opened(kept, owner=CASE) == b"kept"


def test_a_blob_in_use_is_never_removed() -> None:
    ref = store(b"mine")
    actions.remove_blobs(blob_ids=[StoredFile.objects.get().blob_id])
    assert opened(ref) == b"mine"


def test_the_sweep_removes_only_what_is_old_and_unknown(files_folder: Path) -> None:
    known = store(b"known")
    for _ in range(3):
        store(b"rolled back")
    StoredFile.objects.exclude(id=known.id).delete()
    unfinished = files_folder / "unfinished" / new_id().hex
    unfinished.write_bytes(b"half")
    now = datetime.now(UTC)
    assert actions.sweep(now=now) == Sweep(orphans=0, unfinished=0)
    aged = (now - timedelta(days=2)).timestamp()
    for path in sorted(on_disk(files_folder))[:-1]:
        os.utime(path, (aged, aged))
    os.utime(unfinished, (aged, aged))
    swept = actions.sweep(now=now)
    assert swept.unfinished == 1
    assert swept.orphans in {2, 3}
    assert opened(known) == b"known"
    for path in on_disk(files_folder):
        os.utime(path, (aged, aged))
    jobs.sweep(timestamp=0)
    assert len(on_disk(files_folder)) == 1
    assert opened(known) == b"known"

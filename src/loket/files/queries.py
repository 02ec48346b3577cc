"""Reads: open a file, list an owner's files. The caller has checked who may, and holds the owner's key."""

from collections.abc import Collection, Iterator
from uuid import UUID

from loket.files import sealing
from loket.files.models import StoredFile
from loket.files.types import FileMissing, FileRef, OpenedFile, OwnerKind
from loket.privacy.actions import DataKey


def open_file(*, file_id: UUID, owner_kind: OwnerKind, owner_id: UUID, key: DataKey) -> OpenedFile:
    """The file with its bytes in the clear. Refuses FileMissing, also for another owner's file."""
    row = StoredFile.objects.filter(id=file_id, owner_kind=owner_kind, owner_id=owner_id).first()
    if row is None:
        raise FileMissing(file=str(file_id))
    return OpenedFile(sealing.ref(row, key), sealing.read_content(row, key))


def files_of(*, owner_kind: OwnerKind, owner_id: UUID, key: DataKey) -> tuple[FileRef, ...]:
    """The owner's files, oldest first."""
    rows = StoredFile.objects.filter(owner_kind=owner_kind, owner_id=owner_id).order_by("id")
    return tuple(sealing.ref(row, key) for row in rows)


def blobs_known() -> Iterator[UUID]:
    """Every blob that a file has (1 statement, read in pieces)."""
    return StoredFile.objects.order_by().values_list("blob_id", flat=True).iterator(chunk_size=5_000)


def blobs_known_of(blob_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of them that a file still has (1 statement)."""
    return frozenset(StoredFile.objects.filter(blob_id__in=blob_ids).values_list("blob_id", flat=True))

"""Writes: store an upload, move files to another owner, delete them, sweep the disk.

A blob is on the disk before its row commits and leaves it only after the row is gone, so that a crash at any
instruction can leave a blob too many (which the sweep removes) but never a row without its blob.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from loket.files import blobs, images, naming, scanning, sealing, sniffing
from loket.files.intake import CappedUpload
from loket.files.models import StoredFile
from loket.files.types import (
    EmptyFile,
    FileMissing,
    FileRef,
    OwnerKind,
    Readable,
    Sweep,
    TooLarge,
    TooManyFiles,
    WrongType,
)
from loket.kernel import rows as writing
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id
from loket.privacy.actions import DataKey

MAX_FILES = 60
REMOVE_JOB = "files.remove_blobs"
QUEUE = "files"
# Longer than any transaction that writes a blob before its row.
_GRACE = timedelta(days=1)
_BATCH = 500


def store_upload(
    *,
    owner_kind: OwnerKind,
    owner_id: UUID,
    key: DataKey,
    name: str,
    content: bytes | Readable,
    allowed: Collection[str],
    max_bytes: int,
    by: Actor,
    now: datetime,
    agency_id: int | None = None,
) -> FileRef:
    """Keeps an upload, sealed under `key`, and returns how answers refer to it.

    `allowed` holds media types; what the bytes are decides, not the name. Images are made anew without their
    metadata. Refuses any UploadRefused. Statements: 2.
    """
    plain = _read(content, max_bytes)
    media_type = sniffing.media_type_of(plain)
    if media_type is None or media_type not in allowed:
        raise WrongType(found=media_type or "")
    scanning.scan(plain)
    if media_type in sniffing.IMAGES:
        plain, media_type = images.made_anew(plain, media_type)
    if StoredFile.objects.filter(owner_id=owner_id, owner_kind=owner_kind).count() >= MAX_FILES:
        raise TooManyFiles(max_files=MAX_FILES)
    file_id, blob_id, shown = new_id(), new_id(), naming.safe_name(name, media_type)
    sealing.write_content(plain, file_id, blob_id, key)
    StoredFile.objects.create(
        id=file_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        agency_id=agency_id,
        sealed_name=sealing.sealed_name(shown, file_id, key),
        media_type=media_type,
        size=len(plain),
        blob_id=blob_id,
        created_at=now,
    )
    return FileRef(file_id, shown, len(plain), media_type)


def store_made(
    *,
    owner_kind: OwnerKind,
    owner_id: UUID,
    key: DataKey,
    name: str,
    content: bytes,
    media_type: str,
    by: Actor,
    now: datetime,
    agency_id: int | None = None,
) -> FileRef:
    """Keeps a file that Loket made itself, sealed under `key`: not looked into, nor counted. 1 statement."""
    file_id, blob_id, shown = new_id(), new_id(), naming.safe_name(name, media_type)
    sealing.write_content(content, file_id, blob_id, key)
    row = StoredFile(
        id=file_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        agency_id=agency_id,
        sealed_name=sealing.sealed_name(shown, file_id, key),
        media_type=media_type,
        size=len(content),
        blob_id=blob_id,
        created_at=now,
    )
    writing.insert(row)
    return FileRef(file_id, shown, len(content), media_type)


def move_to_owner(
    *,
    file_ids: Collection[UUID],
    from_kind: OwnerKind,
    from_id: UUID,
    from_key: DataKey,
    to_kind: OwnerKind,
    to_id: UUID,
    to_key: DataKey,
    agency_id: int | None,
    by: Actor,
    now: datetime,
) -> tuple[FileRef, ...]:
    """Seals files anew under another owner's key, as at submission; ids stay, and so does the order.

    The new blobs are written before the caller's transaction commits; a job removes the old ones after it.
    Refuses FileMissing where `from_id` has no such file, and DiskFull. Statements: 3, none without files.
    """
    if not file_ids:
        return ()
    with transaction.atomic():
        return _moved(file_ids, from_kind, from_id, from_key, to_kind, to_id, to_key, agency_id)


def _moved(
    file_ids: Collection[UUID],
    from_kind: OwnerKind,
    from_id: UUID,
    from_key: DataKey,
    to_kind: OwnerKind,
    to_id: UUID,
    to_key: DataKey,
    agency_id: int | None,
) -> tuple[FileRef, ...]:
    rows = {
        row.id: row
        for row in StoredFile.objects.select_for_update().filter(
            id__in=file_ids, owner_kind=from_kind, owner_id=from_id
        )
    }
    left: list[UUID] = []
    for file_id in file_ids:
        if file_id not in rows:
            raise FileMissing(file=str(file_id))
    for row in rows.values():
        content, name, blob_id = (
            sealing.read_content(row, from_key),
            sealing.ref(row, from_key).name,
            new_id(),
        )
        sealing.write_content(content, row.id, blob_id, to_key)
        left.append(row.blob_id)
        row.owner_kind, row.owner_id, row.agency_id = to_kind, to_id, agency_id
        row.sealed_name, row.blob_id = sealing.sealed_name(name, row.id, to_key), blob_id
    StoredFile.objects.bulk_update(
        rows.values(), ["owner_kind", "owner_id", "agency_id", "sealed_name", "blob_id"]
    )
    _remove_later(left)
    return tuple(sealing.ref(rows[file_id], to_key) for file_id in file_ids)


@transaction.atomic
def delete(
    *, file_ids: Collection[UUID], owner_kind: OwnerKind, owner_id: UUID, by: Actor, now: datetime
) -> int:
    """Deletes these files of the owner and returns how many there were; the blobs go after the commit."""
    return _delete(StoredFile.objects.filter(id__in=file_ids, owner_kind=owner_kind, owner_id=owner_id))


@transaction.atomic
def delete_all_of(*, owner_kind: OwnerKind, owner_id: UUID, by: Actor, now: datetime) -> int:
    """Deletes every file of the owner and returns how many there were; the blobs go after the commit."""
    return _delete(StoredFile.objects.filter(owner_kind=owner_kind, owner_id=owner_id))


def remove_blobs(*, blob_ids: Collection[UUID]) -> None:
    """Removes blobs that no file needs any more. Idempotent; a blob in use is left alone."""
    used = set(StoredFile.objects.filter(blob_id__in=blob_ids).values_list("blob_id", flat=True))
    for blob_id in blob_ids:
        if blob_id not in used:
            blobs.remove(blob_id)


def sweep(*, now: datetime) -> Sweep:
    """Removes from the disk what crashes and rollbacks left there more than a day ago. Idempotent."""
    orphans = 0
    for batch in _batches(blobs.older_than(now - _GRACE)):
        used = set(StoredFile.objects.filter(blob_id__in=batch).values_list("blob_id", flat=True))
        for blob_id in batch:
            if blob_id not in used:
                blobs.remove(blob_id)
                orphans += 1
    return Sweep(orphans=orphans, unfinished=blobs.remove_unfinished(now - _GRACE))


def _read(content: bytes | Readable, max_bytes: int) -> bytes:
    if isinstance(content, CappedUpload) and content.too_large:
        raise TooLarge(max_bytes=max_bytes)
    plain = content if isinstance(content, bytes) else content.read(max_bytes + 1)
    if len(plain) > max_bytes:
        raise TooLarge(max_bytes=max_bytes)
    if not plain:
        raise EmptyFile
    return plain


def _delete(rows: QuerySet[StoredFile]) -> int:
    doomed = dict(rows.select_for_update().values_list("id", "blob_id"))
    if doomed:
        StoredFile.objects.filter(id__in=doomed).delete()
        _remove_later(doomed.values())
    return len(doomed)


def _remove_later(blob_ids: Iterable[UUID]) -> None:
    # By name, because the module of jobs calls this one.
    app.configure_task(REMOVE_JOB, queue=QUEUE).defer(blob_ids=[str(blob_id) for blob_id in blob_ids])


def _batches(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    batch: list[UUID] = []
    for blob_id in ids:
        batch.append(blob_id)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

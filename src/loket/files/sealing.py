"""How a file's name and bytes are sealed: bound to their own place, so that none can stand in for another."""

from uuid import UUID

from loket.files import blobs
from loket.files.models import StoredFile
from loket.files.types import FileMissing, FileRef
from loket.privacy.actions import DataKey


def sealed_name(name: str, file_id: UUID, key: DataKey) -> bytes:
    return key.encrypt(name.encode(), about=about_name(file_id))


def about_name(file_id: UUID) -> bytes:
    """What a name is bound to."""
    return b"file name " + file_id.bytes


def write_content(content: bytes, file_id: UUID, blob_id: UUID, key: DataKey) -> None:
    """Seals and keeps the bytes. Refuses DiskFull."""
    blobs.write(blob_id, key.encrypt(content, about=_about(file_id, blob_id)))


def read_content(row: StoredFile, key: DataKey) -> bytes:
    """Refuses FileMissing where the blob is gone."""
    try:
        sealed = blobs.read(row.blob_id)
    except FileNotFoundError as gone:
        raise FileMissing(file=str(row.id)) from gone
    return key.decrypt(sealed, about=_about(row.id, row.blob_id))


def ref(row: StoredFile, key: DataKey) -> FileRef:
    name = key.decrypt(bytes(row.sealed_name), about=about_name(row.id)).decode()
    return FileRef(row.id, name, row.size, row.media_type)


def _about(file_id: UUID, blob_id: UUID) -> bytes:
    return b"file content " + file_id.bytes + blob_id.bytes

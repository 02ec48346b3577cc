"""Stored files as moulds for others: for whoever makes a made-up past in bulk. Rows only, no bytes."""

from datetime import datetime
from uuid import UUID

from loket.files import naming, sealing
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.kernel.casting import Row, Sealed
from loket.kernel.ids import new_id
from loket.kernel.moulded import row_of
from loket.privacy.actions import DataKey


def store_row(
    *,
    owner_kind: OwnerKind,
    owner_id: UUID,
    agency_id: int,
    key: DataKey,
    name: str,
    size: int,
    media_type: str,
    now: datetime,
) -> UUID:
    """The row that a file made by Loket has, without its bytes; opening it says that they are missing."""
    file_id = new_id()
    StoredFile.objects.create(
        id=file_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        agency_id=agency_id,
        sealed_name=sealing.sealed_name(naming.safe_name(name, media_type), file_id, key),
        media_type=media_type,
        size=size,
        blob_id=new_id(),
        created_at=now,
    )
    return file_id


def files_of(owner_kind: OwnerKind, owner_id: UUID, key: DataKey) -> tuple[Row, ...]:
    """Oldest first (1 statement)."""
    rows = StoredFile.objects.filter(owner_kind=owner_kind, owner_id=owner_id).order_by("id")
    return tuple(row_of(row, sealed_name=_name(row, key)) for row in rows)


def _name(row: StoredFile, key: DataKey) -> Sealed:
    return Sealed(sealing.ref(row, key).name.encode(), sealing.about_name(row.id))

"""Keys and looks as moulds for others: for whoever makes a made-up past in bulk."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from loket.kernel.casting import Row, Same, Wrapped
from loket.kernel.moulded import row_of
from loket.privacy.actions.keys import about_key
from loket.privacy.keystore.models import StoredKey
from loket.privacy.models import AccessRow
from loket.privacy.sealing import DataKey, new_data_key
from loket.privacy.wrapping import key_ring

KEYS = "keys"


def looks_at(case_id: UUID) -> tuple[Row, ...]:
    """Oldest first (1 statement)."""
    return tuple(row_of(row) for row in AccessRow.objects.filter(case_ids__contains=[case_id]).order_by("id"))


def key_row(key_id: UUID, made_at: datetime) -> Row:
    """The key store's row (1 statement); it says the database's time, here it says `made_at`."""
    row = StoredKey.objects.get(pk=key_id)
    return row_of(
        row,
        store=KEYS,
        wrapped=Wrapped(about_key(key_id)),
        master_id=Same(bytes(row.master_id)),
        created_at=made_at,
    )


def new_key() -> tuple[DataKey, Callable[[bytes], bytes]]:
    """A key that is stored nowhere yet, and what wraps it. No statement."""
    key, ring = new_data_key(), key_ring()
    return key, lambda about: ring.wrap(key, about)


def forget_keys(key_ids: Iterable[UUID]) -> None:
    """Deletes keys of cases that never came to be (1 statement)."""
    StoredKey.objects.filter(pk__in=list(key_ids)).delete()

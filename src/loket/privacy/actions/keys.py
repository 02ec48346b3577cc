"""Data keys: making, opening, destroying, and changing masters.

The key store has its own connection and commits by itself: a key exists before anything is sealed under it
is committed, and one whose case never came to be does no harm.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction

from loket.audit import actions as audit
from loket.kernel import ids, rows
from loket.kernel.actors import Actor
from loket.kernel.prepared import Prepared
from loket.kernel.refusals import Refusal
from loket.kernel.sets import any_of
from loket.privacy.keystore.models import RootSecret, StoredKey
from loket.privacy.roots import about_root
from loket.privacy.sealing import DataKey
from loket.privacy.wrapping import key_ring, master_id

_KEYS = "keys"
_LOOSE = b"loose key"
_ROTATED_AT_ONCE = 500


_WRAPPED = Prepared(lambda key_id: StoredKey.objects.filter(pk=key_id).values_list("wrapped", flat=True)[:1])


class KeyDestroyed(Refusal):
    """The data behind this key was erased for good."""

    code = "key_destroyed"


class KeyUnknown(Exception):
    """A key that the key store never had: it was restored to an older state than the data, or mixed up."""


def new_wrapped_key() -> tuple[DataKey, bytes]:
    """A key to be kept, wrapped, in the row that it seals (drafts): deleting the row destroys it."""
    return key_ring().new_key(_LOOSE)


def unwrap(wrapped: bytes) -> DataKey:
    """Opens a key of `new_wrapped_key`. Raises SealBroken, MasterKeyMissing."""
    return key_ring().unwrap(wrapped, _LOOSE)


def rewrap(wrapped: bytes) -> bytes | None:
    """The same key under the current master, or None where it is already."""
    ring = key_ring()
    if master_id(bytes(wrapped)) == ring.current_id:
        return None
    return ring.wrap(ring.unwrap(wrapped, _LOOSE), _LOOSE)


def create_key(subject: UUID) -> tuple[UUID, DataKey]:
    """A new data key for a subject, committed in the key store before this returns (1 statement)."""
    key_id = ids.new_id()
    key, wrapped = key_ring().new_key(about_key(key_id))
    row = StoredKey(id=key_id, subject=subject, wrapped=wrapped, master_id=master_id(wrapped))
    if connections[_KEYS].get_autocommit():
        # One statement commits by itself; a transaction around it would ask the server twice more.
        rows.insert(row)
    else:
        with transaction.atomic(using=_KEYS, durable=True):
            rows.insert(row)
    return key_id, key


def open_key(key_id: UUID) -> DataKey:
    """1 statement. Raises KeyDestroyed, KeyUnknown, SealBroken."""
    found = _WRAPPED.all(key_id)
    if not found:
        raise KeyUnknown(str(key_id))
    return _opened(key_id, found[0])


def open_keys(key_ids: Collection[UUID]) -> Mapping[UUID, DataKey]:
    """Many keys in 1 statement. Raises KeyDestroyed or KeyUnknown where any of them can't be opened."""
    found = dict(StoredKey.objects.filter(any_of(key_ids)).values_list("id", "wrapped"))
    opened: dict[UUID, DataKey] = {}
    for key_id in key_ids:
        if key_id not in found:
            raise KeyUnknown(str(key_id))
        opened[key_id] = _opened(key_id, found[key_id])
    return opened


def keys_left(key_ids: Collection[UUID]) -> Mapping[UUID, DataKey]:
    """The same without those that were destroyed. Raises KeyUnknown."""
    found = dict(StoredKey.objects.filter(any_of(key_ids)).values_list("id", "wrapped"))
    for key_id in key_ids:
        if key_id not in found:
            raise KeyUnknown(str(key_id))
    return {key_id: _opened(key_id, wrapped) for key_id, wrapped in found.items() if wrapped is not None}


def destroy_key(key_id: UUID, *, by: Actor, now: datetime) -> None:
    """Makes everything under a key unreadable for ever. Doing it again changes nothing but leaves a record.

    The record is written first and rolled back where the key store fails.
    """
    with transaction.atomic():
        audit.record("privacy.key_destroyed", by=by, about=f"key:{key_id}", now=now)
        StoredKey.objects.filter(pk=key_id, destroyed_at=None).update(wrapped=None, destroyed_at=now)


def destroy_keys_of(subject: UUID, *, by: Actor, now: datetime) -> int:
    """Destroys every key of a subject; how many there were."""
    with transaction.atomic():
        audit.record("privacy.keys_destroyed", by=by, about=f"subject:{subject}", now=now)
        return StoredKey.objects.filter(subject=subject, destroyed_at=None).update(
            wrapped=None, destroyed_at=now
        )


def rotate_master(*, by: Actor, now: datetime) -> int:
    """Wraps every stored key anew under the current master; how many there were.

    Sealed data stays untouched. In small transactions, while the site works; an interrupted run is continued
    by the next. Raises MasterKeyMissing where a retired master is still needed and not listed.
    """
    count = _rewrap_roots()
    while moved := _rewrap_some():
        count += moved
    audit.record(
        "privacy.master_rotated", by=by, about=f"master:{key_ring().current_id.hex()}", now=now, keys=count
    )
    return count


def _rewrap_roots() -> int:
    ring = key_ring()
    with transaction.atomic(using=_KEYS):
        left = list(RootSecret.objects.select_for_update().exclude(master_id=ring.current_id))
        for root in left:
            about = about_root(root.purpose)
            root.wrapped = ring.wrap(ring.unwrap(root.wrapped, about), about)
            root.master_id = ring.current_id
            root.save(update_fields=["wrapped", "master_id"])
    return len(left)


def _rewrap_some() -> int:
    ring = key_ring()
    with transaction.atomic(using=_KEYS):
        # Locked, so that a key destroyed meanwhile is not written back.
        left = list(
            StoredKey.objects.select_for_update()
            .filter(destroyed_at=None)
            .exclude(master_id=ring.current_id)
            .order_by("id")[:_ROTATED_AT_ONCE]
        )
        for stored in left:
            assert stored.wrapped is not None
            stored.wrapped = ring.wrap(
                ring.unwrap(stored.wrapped, about_key(stored.id)), about_key(stored.id)
            )
            stored.master_id = ring.current_id
        StoredKey.objects.bulk_update(left, ["wrapped", "master_id"])
    return len(left)


def _opened(key_id: UUID, wrapped: bytes | memoryview | None) -> DataKey:
    if wrapped is None:
        raise KeyDestroyed(key=str(key_id))
    return key_ring().unwrap(wrapped, about_key(key_id))


def about_key(key_id: UUID) -> bytes:
    """What the wrapping of a key is bound to."""
    return b"key " + key_id.bytes

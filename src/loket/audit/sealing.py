"""Sealing: entries become leaves of the tree, and a signed checkpoint covers them.

An entry may be sealed only when no entry written before it can still appear, or its neighbours would seem
inserted later. Ids don't tell: a transaction may take an id, linger, and commit long after. So every entry
knows its transaction, and is sealed when that one is older than every transaction still running.
"""

import json
import logging
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import BooleanField, Func

from loket.audit.merkle import Frontier, leaf_hash
from loket.audit.models import Checkpoint, Entry, Leaf
from loket.audit.registry import configured_witness
from loket.audit.signing import signed
from loket.audit.types import Note, SignedNote, WitnessUnavailable

_AT_ONCE = 5_000
_DELIVERED_AT_ONCE = 1_000
# Any number of our own: two sealings at once would fork the tree.
_LOCK = 0x10CE7A0D17

_log = logging.getLogger(__name__)


class Settled(Func):
    """Whether the transaction that wrote this entry is over, and all older ones of this database too.

    Transactions are numbered across the whole server; those known to run in another of its databases can't
    write here and hold nothing up. A visible entry from a transaction that this server has not begun yet
    came with a restored back-up.
    """

    template = """(
        tx >= pg_snapshot_xmax(pg_current_snapshot())
        OR NOT EXISTS (
            SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running
            WHERE running <= tx AND mod(running::text::numeric, 4294967296) NOT IN (
                SELECT backend_xid::text::numeric FROM pg_stat_activity
                WHERE backend_xid IS NOT NULL AND datname <> current_database()
            )
        )
    )"""
    output_field = BooleanField()
    conditional = True


def entry_bytes(entry: Entry) -> bytes:
    """The one spelling of an entry that is hashed."""
    parts = (
        entry.pk,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_kind,
        entry.actor_id,
        entry.action,
        entry.about_kind,
        entry.about_id,
        entry.facts,
    )
    return json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()


def seal_settled(now: datetime) -> int:
    """Seals every entry that may be sealed; how many. Does nothing while another sealing is under way."""
    count = 0
    while sealed := _seal_some(now):
        count += sealed
    return count


def deliver(now: datetime) -> int:
    """Leaves checkpoints with the witness, oldest first; how many. One that fails is tried again."""
    witness = configured_witness()
    if witness is None:
        return 0
    waiting = Checkpoint.objects.filter(witnessed_at=None).order_by("number")[:_DELIVERED_AT_ONCE]
    count = 0
    for checkpoint in waiting:
        try:
            witness.leave(as_signed(checkpoint).line())
        except WitnessUnavailable as problem:
            _log.warning("audit_witness_unavailable checkpoint=%s problem=%s", checkpoint.number, problem)
            break
        Checkpoint.objects.filter(pk=checkpoint.pk).update(witnessed_at=now)
        count += 1
    return count


def as_signed(row: Checkpoint) -> SignedNote:
    at = row.at.astimezone(UTC)
    note = Note.of(row.number, row.size, bytes(row.root), bytes(row.previous_root), at)
    return SignedNote(note, bytes(row.key_id), bytes(row.signature))


def frontier_of(row: Checkpoint | None) -> Frontier:
    return Frontier() if row is None else Frontier(row.size, tuple(map(bytes, row.peaks)))


def _seal_some(now: datetime) -> int:
    with transaction.atomic():
        if not _alone():
            return 0
        entries = list(Entry.objects.filter(Settled(), seal=None).order_by("id")[:_AT_ONCE])
        if not entries:
            return 0
        last = Checkpoint.objects.order_by("-number").first()
        before = _edge(last)
        hashes = [leaf_hash(entry_bytes(entry)) for entry in entries]
        after = before.grown(hashes)
        number = 1 if last is None else last.number + 1
        previous_root = before.root if last is None else bytes(last.root)
        given = signed(Note.of(number, after.size, after.root, previous_root, now.astimezone(UTC)))
        Leaf.objects.bulk_create(
            Leaf(position=before.size + n, entry_id=entry.pk, hash=leaf)
            for n, (entry, leaf) in enumerate(zip(entries, hashes, strict=True))
        )
        Checkpoint.objects.create(
            number=number,
            size=after.size,
            root=after.root,
            previous_root=previous_root,
            at=now,
            key_id=given.key_id,
            signature=given.signature,
            peaks=list(after.peaks),
        )
        Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(seal=number)
        return len(entries)


def _edge(last: Checkpoint | None) -> Frontier:
    """The tree's edge as stored, or from all its leaves where what is stored was spoilt."""
    stored = frontier_of(last)
    if last is None or stored.root == bytes(last.root):
        return stored
    hashes = Leaf.objects.filter(position__lt=last.size).order_by("position").values_list("hash", flat=True)
    return Frontier().grown(map(bytes, hashes.iterator()))


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])

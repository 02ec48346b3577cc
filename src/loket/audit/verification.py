"""Proving that no sealed entry was altered or removed: everything is computed again from the rows.

Hashes point at the entry, signed roots at the checkpoint, and the witness shows what a forger with the whole
database in hand can't hide, such as an end cut off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from loket.audit.merkle import Frontier, leaf_hash
from loket.audit.models import Checkpoint, Entry, Leaf
from loket.audit.registry import configured_witness
from loket.audit.sealing import as_signed, entry_bytes, frontier_of
from loket.audit.signing import is_ours
from loket.audit.types import Fault, Finding, SignedNote, Verdict, WitnessUnavailable

_CHUNK = 2_000


def verify_everything() -> Verdict:
    """Reads the whole log, with flat memory but for the checkpoints' roots."""
    # In this order, so that a sealing meanwhile is neither "missing at the witness" nor "cut off here".
    delivered = set(Checkpoint.objects.exclude(witnessed_at=None).values_list("number", flat=True))
    kept, problem = _witness_lines()
    walk = _Walk()
    for checkpoint in Checkpoint.objects.order_by("number").iterator(_CHUNK):
        walk.meet(checkpoint)
    findings = [*walk.findings, *_loose_ends()]
    if kept is not None:
        findings += _compared(walk.signed, delivered, kept)
    return Verdict(
        findings=tuple(findings),
        sealed=Leaf.objects.count(),
        unsealed=Entry.objects.filter(seal=None).count(),
        checkpoints=len(walk.signed),
        witnessed=None if kept is None else len(kept),
        witness_problem=problem,
    )


@dataclass(slots=True)
class _Walk:
    """Going through the log from its beginning, checkpoint by checkpoint."""

    findings: list[Finding] = field(default_factory=list)
    signed: dict[int, SignedNote] = field(default_factory=dict)
    _tree: Frontier = field(default_factory=Frontier)
    _root: bytes = Frontier().root
    _number: int = 1

    def meet(self, row: Checkpoint) -> None:
        given = as_signed(row)
        self._check_chain(row, given)
        tree = self._check_leaves(row)
        if (tree.size, tree.root) != (row.size, bytes(row.root)):
            self._find(Fault.TREE_ALTERED, checkpoint=row.number)
            # From the stored edge of the tree later checkpoints can be judged for themselves.
            stored = frontier_of(row)
            fits = len(stored.peaks) == row.size.bit_count()
            tree = stored if fits else Frontier(row.size, (b"",) * row.size.bit_count())
        self._tree, self._root, self._number = tree, bytes(row.root), row.number + 1
        self.signed[row.number] = given

    def _check_chain(self, row: Checkpoint, given: SignedNote) -> None:
        if row.number != self._number:
            self._find(Fault.CHECKPOINT_MISSING, checkpoint=self._number)
        if not is_ours(given):
            self._find(Fault.CHECKPOINT_FORGED, checkpoint=row.number)
        if given.note.previous_root != self._root:
            self._find(Fault.CHAIN_BROKEN, checkpoint=row.number)

    def _check_leaves(self, row: Checkpoint) -> Frontier:
        hashes: list[bytes] = []
        place = self._tree.size
        for leaf, entry in _leaves(place, row.size):
            if leaf.position != place:
                self._find(Fault.LEAF_MISSING, checkpoint=row.number, position=place)
            place = leaf.position + 1
            hashes.append(bytes(leaf.hash))
            if entry is None:
                self._find(Fault.ENTRY_MISSING, checkpoint=row.number, entry=leaf.entry_id)
            elif leaf_hash(entry_bytes(entry)) != hashes[-1]:
                self._find(Fault.ENTRY_ALTERED, checkpoint=row.number, entry=leaf.entry_id)
        if place < row.size:
            self._find(Fault.LEAF_MISSING, checkpoint=row.number, position=place)
        return self._tree.grown(hashes)

    def _find(
        self, fault: Fault, *, checkpoint: int, entry: int | None = None, position: int | None = None
    ) -> None:
        self.findings.append(Finding(fault, checkpoint=checkpoint, entry=entry, position=position))


def _leaves(start: int, end: int) -> Iterator[tuple[Leaf, Entry | None]]:
    """The leaves from place `start` to before `end`, each with its entry if that is still there."""
    within = Leaf.objects.filter(position__lt=end).order_by("position")
    while leaves := list(within.filter(position__gte=start)[:_CHUNK]):
        entries = Entry.objects.in_bulk([leaf.entry_id for leaf in leaves])
        for leaf in leaves:
            yield leaf, entries.get(leaf.entry_id)
        start = leaves[-1].position + 1


def _witness_lines() -> tuple[list[str] | None, str]:
    """What the witness keeps, or None with the reason where it can't be asked."""
    witness = configured_witness()
    try:
        return (None, "no witness is configured") if witness is None else (list(witness.lines()), "")
    except WitnessUnavailable as problem:
        return None, str(problem)


def _loose_ends() -> Iterator[Finding]:
    """What claims to be sealed and is covered by nothing. Each is one statement, so one moment in time."""
    end = Checkpoint.objects.order_by().values("pk")
    covered = end.filter(size__gt=OuterRef("position"))
    for position in (
        Leaf.objects.filter(~Exists(covered)).order_by("pk").values_list("pk", flat=True)[:_CHUNK]
    ):
        yield Finding(Fault.LEAF_UNSIGNED, position=position)
    listed = Leaf.objects.filter(entry_id=OuterRef("pk"))
    claimed = Entry.objects.filter(~Exists(listed), seal__isnull=False).order_by("pk")
    for entry in claimed.values_list("pk", flat=True)[:_CHUNK]:
        yield Finding(Fault.ENTRY_UNLISTED, entry=entry)


def _compared(signed: dict[int, SignedNote], delivered: set[int], kept: list[str]) -> Iterator[Finding]:
    """Our checkpoints against the witness's."""
    last = max(signed, default=0)
    seen: set[int] = set()
    for line in kept:
        try:
            theirs = SignedNote.from_line(line)
        except ValueError:
            yield Finding(Fault.WITNESS_SPOILT)
            continue
        number = theirs.note.number
        if not is_ours(theirs):
            yield Finding(Fault.WITNESS_SPOILT, checkpoint=number)
        elif number > last:
            yield Finding(Fault.TAIL_GONE, checkpoint=number)
        elif number in signed and signed[number] != theirs:
            yield Finding(Fault.WITNESS_DISAGREES, checkpoint=number)
        seen.add(number)
    for number in sorted(delivered - seen):
        yield Finding(Fault.WITNESS_LACKS, checkpoint=number)

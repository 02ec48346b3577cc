"""Checkpoints as they are signed and witnessed, and what verifying finds."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WitnessUnavailable(Exception):
    """The witness could not be reached or read; sealing goes on and tries again next time."""


@dataclass(frozen=True, slots=True)
class Note:
    """The state of the log after one sealing: what a checkpoint signs. `at` is ISO 8601 in UTC."""

    number: int
    size: int
    root: bytes
    previous_root: bytes
    at: str

    @classmethod
    def of(cls, number: int, size: int, root: bytes, previous_root: bytes, at: datetime) -> "Note":
        return cls(number, size, root, previous_root, at.isoformat(timespec="microseconds"))

    def signed_bytes(self) -> bytes:
        """The one spelling that is signed."""
        parts = (
            "loket-audit/1", self.number, self.size, self.root.hex(), self.previous_root.hex(), self.at,
        )  # fmt: skip
        return json.dumps(parts, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A checkpoint as it is left with a witness: one line of JSON."""

    note: Note
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        return json.dumps(
            {
                "number": self.note.number,
                "size": self.note.size,
                "root": self.note.root.hex(),
                "previous": self.note.previous_root.hex(),
                "at": self.note.at,
                "key": self.key_id.hex(),
                "signature": self.signature.hex(),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_line(cls, line: str) -> "SignedNote":
        """Raises ValueError on anything else than such a line."""
        try:
            given = json.loads(line)
            note = Note(
                number=int(given["number"]),
                size=int(given["size"]),
                root=bytes.fromhex(given["root"]),
                previous_root=bytes.fromhex(given["previous"]),
                at=str(given["at"]),
            )
            return cls(note, bytes.fromhex(given["key"]), bytes.fromhex(given["signature"]))
        except (KeyError, TypeError) as problem:
            raise ValueError("no checkpoint") from problem


class Fault(StrEnum):
    """What can be wrong, in the words that the operator reads."""

    ENTRY_ALTERED = "an entry was altered after it was sealed"
    ENTRY_MISSING = "a sealed entry is gone"
    ENTRY_UNLISTED = "an entry claims to be sealed and no leaf knows it"
    LEAF_MISSING = "a leaf of the tree is gone"
    LEAF_UNSIGNED = "leaves lie beyond the last checkpoint"
    TREE_ALTERED = "entries and leaves of this checkpoint don't give the root that it signed"
    CHAIN_BROKEN = "a checkpoint doesn't follow from the one before"
    CHECKPOINT_MISSING = "a checkpoint is gone"
    CHECKPOINT_FORGED = "a checkpoint was not signed by a key that we trust"
    WITNESS_DISAGREES = "the witness keeps another checkpoint under this number"
    WITNESS_LACKS = "the witness was given this checkpoint and has it no more"
    WITNESS_SPOILT = "the witness keeps a line that we never signed"
    TAIL_GONE = "the witness keeps a later checkpoint: the end of the log was cut off"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with where it is: the checkpoint's number, the entry's id, or the leaf's place in the tree."""

    fault: Fault
    checkpoint: int | None = None
    entry: int | None = None
    position: int | None = None

    def __str__(self) -> str:
        places = (("checkpoint", self.checkpoint), ("entry", self.entry), ("leaf", self.position))
        where = ", ".join(f"{name} {value}" for name, value in places if value is not None)
        return f"{self.fault.value} ({where})" if where else self.fault.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found. `witnessed` counts the witness's lines, or is None where none could be read."""

    findings: tuple[Finding, ...]
    sealed: int
    unsealed: int
    checkpoints: int
    witnessed: int | None
    witness_problem: str = ""

    @property
    def intact(self) -> bool:
        return not self.findings

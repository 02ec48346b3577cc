"""What was looked at, and what was wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence that must hold. `key` is what a planted fault is found under."""

    key: str
    says: str
    looked_at: int
    wrong: Sequence[str] = ()
    note: str = ""

    @property
    def holds(self) -> bool:
        return not self.wrong

    def lines(self) -> list[str]:
        word = "holds" if self.holds else f"FAILS, {len(self.wrong)} times"
        told = f"{self.says}: {word} ({self.looked_at} looked at{f'; {self.note}' if self.note else ''})"
        return [told, *(f"    {one}" for one in self.wrong[:_SHOWN])]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault put in on purpose: what was done, and what the check that must find it said."""

    name: str
    done: str
    found: Sequence[str]

"""What one trial expected and saw."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    name: str
    expects: str
    seen: str
    wrong: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        return not self.wrong

    def lines(self) -> list[str]:
        word = "holds" if self.holds else f"FAILS, {len(self.wrong)} times"
        return [f"{self.name}: {word}. {self.seen}", *(f"    {one}" for one in self.wrong[:12])]

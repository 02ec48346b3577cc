"""Who waits for a worker's one thread of work, and whose turn is next. Pure: no clock, no locks."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

Waiting = TypeVar("Waiting")


class Kind(Enum):
    """Whose request it is. A newcomer has nothing here yet that could be lost."""

    CALLBACK = "callback"
    STAFF = "staff"
    MIDDLE = "middle"
    MACHINE = "machine"
    PART = "part"
    NEWCOMER = "newcomer"


@dataclass(frozen=True, slots=True)
class Terms:
    """`share` of the turns while all kinds wait; no more join when `most` of any kind wait already."""

    share: int
    most: int


# The sum of those who wait stays below the threads of a worker, so that one is always there to turn away.
TERMS: Mapping[Kind, Terms] = {
    Kind.CALLBACK: Terms(3, 60),
    Kind.STAFF: Terms(4, 56),
    Kind.MIDDLE: Terms(8, 52),
    Kind.MACHINE: Terms(2, 44),
    Kind.PART: Terms(2, 44),
    Kind.NEWCOMER: Terms(1, 40),
}
THREADS = 64


@dataclass(slots=True)
class Line(Generic[Waiting]):
    """First come, first served within a kind; among kinds by their shares (stride scheduling).

    The kind whose next turn lies least far ahead goes next, and its next turn moves by 1 / share. A kind that
    had nobody waiting starts level with the others: it saves up no turns.
    """

    _waiting: dict[Kind, deque[Waiting]] = field(default_factory=lambda: {kind: deque() for kind in Kind})
    _turns: dict[Kind, float] = field(default_factory=lambda: dict.fromkeys(Kind, 0.0))
    _level: float = 0.0
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def has_room(self, kind: Kind) -> bool:
        return self._size < TERMS[kind].most

    def join(self, kind: Kind, who: Waiting) -> None:
        if not self._waiting[kind]:
            self._turns[kind] = max(self._turns[kind], self._level)
        self._waiting[kind].append(who)
        self._size += 1

    def next(self) -> Waiting | None:
        """Whose turn it is; None where nobody waits."""
        if not self._size:
            return None
        kind = min((kind for kind in Kind if self._waiting[kind]), key=self._turns.__getitem__)
        self._level = self._turns[kind]
        self._turns[kind] += 1 / TERMS[kind].share
        self._size -= 1
        return self._waiting[kind].popleft()

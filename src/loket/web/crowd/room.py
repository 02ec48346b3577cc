"""The waiting room for newcomers: by order of arrival, let in no faster than there is room.

Nobody is listed. A ticket says when its holder came; the room knows how many came in each second of the last
hours and up to which moment people have been let in. Two hosts that share nothing but the clock and the key
of tickets therefore keep nearly the same order. Pure: told the time, and given the memory to work in.
"""

import struct
from dataclasses import dataclass

SECONDS = 4 * 3600
# Doubles: active, let in up to, people a second, last tick, calm since; then of each worker its pressure, how
# many people a second it could serve, and when it said so.
_HEAD, _WORKER, _WORKERS = 5, 3, 64
_DOUBLES = _HEAD + _WORKER * _WORKERS
SIZE = struct.calcsize(f"{_DOUBLES}d{SECONDS}I")

_LEAST_RATE, _MOST_RATE = 0.5, 1000.0
_TICK = 0.25
# Seconds that requests wait for their turn: above, fewer are let in; below, more.
TOO_LONG, EASY = 0.25, 0.08
_SLOWER, _FASTER = 0.8, 1.05
# Of what the workers could serve, this share is let in whatever is felt: who is let in comes only when their
# page asks again, and going by what is felt until then would let in nobody for long.
_ALWAYS = 0.7
# With nobody left to let in, the room closes when that was so for this long.
_CALM_SECONDS = 3.0
# A worker's word counts for so long.
_FRESH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """A newcomer has to wait: since when they do, how many came before, how many seconds that may take."""

    arrived: float
    ahead: int
    seconds: float


class Room:
    """`memory` holds SIZE bytes, zero at first, and may be shared; whoever calls holds its lock."""

    def __init__(self, memory: memoryview) -> None:
        doubles = memory[: 8 * _DOUBLES].cast("d")
        self._head: memoryview[float] = doubles[:_HEAD]
        self._workers: memoryview[float] = doubles[_HEAD:]
        self._came: memoryview[int] = memory[8 * _DOUBLES : SIZE].cast("I")

    @property
    def active(self) -> bool:
        return self._head[0] == 1.0

    @property
    def let_in_until(self) -> float:
        """Whoever came no later is let in."""
        return self._head[1]

    @property
    def rate(self) -> float:
        """People let in a second."""
        return self._head[2]

    def open(self, now: float, rate: float) -> None:
        """From now on newcomers wait for their turn, `rate` a second at first. Nothing where they do."""
        if not self.active:
            self._came[:] = memoryview(bytes(4 * SECONDS)).cast("I")
            self._head[0], self._head[1], self._head[2] = 1.0, now, _within(rate)
            self._head[3], self._head[4] = now, 0.0

    def ask(self, arrived: float | None, now: float) -> Place | None:
        """None: come in. `arrived` is what their ticket says; a place is counted once, when it is given."""
        if not self.active:
            return None
        if arrived is None or arrived > now or arrived < now - SECONDS:
            # As exact as a ticket says it.
            arrived = int(now * 1000) / 1000
            self._came[int(arrived) % SECONDS] += 1
        if arrived <= self.let_in_until:
            return None
        ahead = self._between(self.let_in_until, arrived)
        return Place(arrived, ahead, ahead / self.rate)

    def tell(self, worker: int, pressure: float, capacity: float, now: float) -> None:
        """How long requests last waited in a worker, and how many people a second it could serve."""
        slot = _WORKER * (worker % _WORKERS)
        self._workers[slot], self._workers[slot + 1], self._workers[slot + 2] = pressure, capacity, now

    def tick(self, now: float) -> None:
        """Lets in whom there is room for since the last tick; closes when nobody is left and all is calm."""
        passed = now - self._head[3]
        if not self.active or passed < _TICK:
            return
        self._head[3] = now
        fresh = [slot for slot in range(0, _WORKER * _WORKERS, _WORKER) if self._is_fresh(slot, now)]
        pressure = max((self._workers[slot] for slot in fresh), default=0.0)
        always = _ALWAYS * sum(self._workers[slot + 1] for slot in fresh)
        change = _SLOWER if pressure > TOO_LONG else _FASTER if pressure < EASY else 1.0
        self._head[2] = _within(max(self.rate * change, always))
        # Whoever is away for long comes back to an ordinary step and not to a flood.
        left = self._let_in(self.rate * min(passed, 1.0), now)
        self._close_when_calm(now, calm=left > 0 and pressure <= TOO_LONG)

    def _is_fresh(self, slot: int, now: float) -> bool:
        return now - self._workers[slot + 2] < _FRESH_SECONDS

    def _let_in(self, people: float, now: float) -> float:
        """Moves on past so many; how many more could have come. A busy second is passed in parts."""
        until = self.let_in_until
        while until < now:
            second = int(until)
            ends = min(float(second + 1), now)
            here = self._came[second % SECONDS]
            need = here * (ends - until)
            if need > people:
                self._head[1] = until + people / here
                return 0.0
            people -= need
            until = ends
        self._head[1] = until
        return people

    def _between(self, since: float, until: float) -> int:
        total, at = 0.0, since
        while at < until:
            ends = min(float(int(at) + 1), until)
            total += self._came[int(at) % SECONDS] * (ends - at)
            at = ends
        return round(total)

    def _close_when_calm(self, now: float, *, calm: bool) -> None:
        if not calm:
            self._head[4] = 0.0
        elif not self._head[4]:
            self._head[4] = now
        elif now - self._head[4] > _CALM_SECONDS:
            self._head[0] = 0.0


def _within(rate: float) -> float:
    return min(max(rate, _LEAST_RATE), _MOST_RATE)

"""The one door of a worker: one request is worked at, the others wait their turn or are turned away at once.

A worker has many threads and lets one of them work. So the process itself knows who waits and for how long,
which it can't know of requests in the server's own queue; and to turn somebody away costs a cached page and
no Django. A request that only waits itself, for a lock or a payment provider, doesn't hold up the others:
after a quarter of a second another may work beside it.
"""

import time
from _thread import LockType, allocate_lock
from dataclasses import dataclass

from loket.web.crowd.line import Kind, Line

_STUCK_SECONDS = 0.25
# And so connections of a worker to each database; loket.config.postgres keeps more than that.
_MOST_AT_ONCE = 4
# Whoever would wait longer than that is told so now.
_PATIENCE = 0.8
# How far one more measurement moves the average.
_WEIGHT = 0.1
# What is left of the wait that is told, each time somebody asks for it while nobody works or waits.
_IDLE = 0.7


@dataclass(slots=True)
class Gate:
    """`enter` before a request is worked at, `leave` after it, with what `enter` gave."""

    line: Line[LockType]
    _mutex: LockType
    _running: dict[int, float]
    _numbers: int = 0
    # Seconds, averages: how long a request is worked at, and how long it waits before.
    service: float = 0.004
    waited: float = 0.0

    @classmethod
    def new(cls) -> "Gate":
        return cls(Line(), allocate_lock(), {})

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def enter_if_free(self) -> int | None:
        """The short way, for nearly all: a number for `leave`, or None where somebody works or waits."""
        with self._mutex:
            if self._running or len(self.line):
                return None
            return self._begin(time.monotonic())

    def enter(self, kind: Kind) -> int | None:
        """Waits for its turn. None: too many wait, so that this one is to be turned away."""
        began = time.monotonic()
        with self._mutex:
            if not self._running and not len(self.line):
                return self._begin(began)
            if not self.line.has_room(kind) or len(self.line) * self.service > _PATIENCE:
                self.waited = max(self.waited, _PATIENCE)
                return None
            turn = allocate_lock()
            turn.acquire()
            self.line.join(kind, turn)
            self._let_in(began)
        while not turn.acquire(timeout=_STUCK_SECONDS):
            with self._mutex:
                self._let_in(time.monotonic())
        now = time.monotonic()
        with self._mutex:
            self.waited += _WEIGHT * (now - began - self.waited)
            return self._begin(now)

    def pressure(self) -> float:
        """Seconds that requests last waited; asked some times a second, soon nothing where all is idle.

        Otherwise one hard moment would be told for as long as few are let in, and few let in because of it.
        """
        with self._mutex:
            if not self._running and not len(self.line):
                self.waited *= _IDLE
            return self.waited

    def leave(self, number: int) -> None:
        now = time.monotonic()
        with self._mutex:
            began = self._running.pop(number, now)
            self.service += _WEIGHT * (min(now - began, _STUCK_SECONDS) - self.service)
            if not len(self.line):
                self.waited *= 1 - _WEIGHT
            self._let_in(now)

    def _begin(self, now: float) -> int:
        # Whoever was called in has a place kept under a number below zero.
        for held in self._running:
            if held < 0:
                del self._running[held]
                break
        self._numbers += 1
        self._running[self._numbers] = now
        return self._numbers

    def _let_in(self, now: float) -> None:
        stuck = sum(1 for began in self._running.values() if now - began > _STUCK_SECONDS)
        while len(self._running) <= min(stuck, _MOST_AT_ONCE - 1):
            turn = self.line.next()
            if turn is None:
                return
            self._numbers += 1
            self._running[-self._numbers] = now
            turn.release()

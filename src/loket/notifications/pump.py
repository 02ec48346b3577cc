"""Sends what is due, many at a time: claimed in batches, handed over by several threads, settled in batches.

One pump for each medium, so that a mail server that hangs holds up no text message. The threads that talk to
providers hold no database connection; the pump has one. What it marked as being sent it keeps marked while it
lives; a pump that is killed leaves marks that run out after LEASE, and another pump tries those again.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from django.db import OperationalError, close_old_connections, connections

from loket.notifications import delivery
from loket.notifications.delivery import Claim, Outcome
from loket.notifications.registry import Closable, held_open
from loket.notifications.types import Medium

LEASE = timedelta(seconds=45)
_RENEW = timedelta(seconds=15)
_IDLE = 0.25
_AFTER_TROUBLE = 1.0

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Pump:
    """Sends the messages of one medium until told to stop; `threads` is how many it hands over at once."""

    medium: Medium
    clock: Callable[[], datetime]
    threads: int = 8
    _flying: dict[Future[Outcome], Claim] = field(default_factory=dict)
    # Ended, but not yet written down: kept when the database is away, so that nobody is told twice.
    _ended: list[Outcome] = field(default_factory=list)
    _renewed_at: datetime | None = None
    # Whether the last look found as many as it asked for, and when that was.
    _behind: bool = False
    _looked_at: float = 0.0

    def run(self, stop: Event) -> None:
        """Returns once told to stop, with everything that was on its way settled."""
        kept: list[dict[str, Closable]] = []
        pool = ThreadPoolExecutor(
            self.threads, f"{self.medium}-sender", initializer=_keep_open, initargs=(kept,)
        )
        try:
            while not stop.is_set() or self._flying or self._ended:
                try:
                    busy = self._round(pool, claims=self._looks_again() and not stop.is_set())
                except Exception as trouble:
                    # Only its kind: its words may hold an address.
                    logger.warning("the pump of %s waits: %s", self.medium, type(trouble).__name__)
                    close_old_connections()
                    stop.wait(_AFTER_TROUBLE)
                    if stop.is_set():
                        break
                else:
                    if not busy:
                        stop.wait(_IDLE)
        finally:
            pool.shutdown(wait=not stop.is_set(), cancel_futures=True)
            _let_go(kept)
            connections.close_all()

    def drain(self) -> None:
        """Sends all that is due, and returns."""
        with ThreadPoolExecutor(self.threads) as pool:
            while self._round(pool, claims=True):
                pass

    def _round(self, pool: ThreadPoolExecutor, *, claims: bool) -> bool:
        """Settles what ended, claims anew, waits a moment; whether there was anything to do."""
        if self._ended:
            self._settle()
        free = 2 * self.threads - len(self._flying)
        if claims and free >= self.threads:
            ours = [claim.row.id for claim in self._flying.values()]
            found = delivery.claim_due(
                medium=self.medium, limit=free, now=self.clock(), lease=LEASE, but_not=ours
            )
            self._behind, self._looked_at = len(found) == free, time.monotonic()
            for claim in found:
                self._flying[pool.submit(delivery.hand_over, claim, self.clock)] = claim
        if not self._flying:
            return False
        self._renew()
        done, _waiting = wait(self._flying, timeout=_IDLE, return_when=FIRST_COMPLETED)
        for future in done:
            self._ended.append(future.result())
            del self._flying[future]
        return True

    def _looks_again(self) -> bool:
        """Not for each message as it comes: those of a moment are claimed and settled together, at a third of
        the cost."""
        return self._behind or time.monotonic() - self._looked_at >= _IDLE

    def _settle(self) -> None:
        """All in one transaction; one by one where one of them can't be: that one is tried again later."""
        try:
            delivery.settle(self._ended, now=self.clock())
        except OperationalError:
            raise
        except Exception as trouble:
            logger.warning("messages are settled one by one: %s", type(trouble).__name__)
            for outcome in self._ended:
                with suppress(Exception):
                    delivery.settle([outcome], now=self.clock())
        self._ended = []

    def _renew(self) -> None:
        now = self.clock()
        # Also where the clock was set back.
        if self._renewed_at is None or abs(now - self._renewed_at) >= _RENEW:
            self._renewed_at = now
            delivery.hold([claim.row.id for claim in self._flying.values()], until=now + LEASE)


def _keep_open(kept: list[dict[str, Closable]]) -> None:
    held_open.keeps = True
    kept.append(held_open.held)


def _let_go(kept: list[dict[str, Closable]]) -> None:
    """Takes leave of servers whose connections are idle; one in use is not among what is held."""
    for held in kept:
        for connection in held.values():
            # Whoever is gone already needs no goodbye.
            with suppress(Exception):
                connection.close()
        held.clear()

"""Delivers what is due, many at a time but few to each receiver: one that hangs holds up nobody else.

The threads that call receivers hold no database connection; the pump has one.
"""

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from django.db import OperationalError, close_old_connections, connections

from loket.webhooks import delivery
from loket.webhooks.delivery import Claim, Outcome

_RENEW = timedelta(seconds=30)
_IDLE = 0.5
_AFTER_TROUBLE = 1.0
# At once to one receiver; to one whose last try failed, only one.
_EACH = 4

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Pump:
    """Delivers until told to stop; `threads` is how many deliveries are on their way at once."""

    clock: Callable[[], datetime]
    threads: int = 8
    _flying: dict[Future[Outcome], Claim] = field(default_factory=dict)
    # Ended, but not yet written down: kept when the database is away, so that nobody is told twice.
    _ended: list[Outcome] = field(default_factory=list)
    _renewed_at: datetime | None = None

    def run(self, stop: Event) -> None:
        """Returns once told to stop, with everything that was on its way written down."""
        pool = ThreadPoolExecutor(self.threads, "webhook-sender")
        try:
            while not stop.is_set() or self._flying or self._ended:
                try:
                    busy = self._round(pool, claims=not stop.is_set())
                except Exception as trouble:
                    logger.warning("the webhook pump waits: %s", type(trouble).__name__)
                    close_old_connections()
                    stop.wait(_AFTER_TROUBLE)
                    if stop.is_set():
                        break
                else:
                    if not busy:
                        stop.wait(_IDLE)
        finally:
            pool.shutdown(wait=not stop.is_set(), cancel_futures=True)
            connections.close_all()

    def drain(self) -> None:
        """Makes a try at all that is due, and returns."""
        with ThreadPoolExecutor(self.threads) as pool:
            while self._round(pool, claims=True) or self._ended:
                pass

    def _round(self, pool: ThreadPoolExecutor, *, claims: bool) -> bool:
        """Writes down what ended, claims anew, waits a moment; whether there was anything to do."""
        self._settle()
        if claims:
            self._claim(pool)
        if not self._flying:
            return False
        self._renew()
        done, _waiting = wait(self._flying, timeout=_IDLE, return_when=FIRST_COMPLETED)
        for future in done:
            self._ended.append(future.result())
            del self._flying[future]
        return True

    def _claim(self, pool: ThreadPoolExecutor) -> None:
        free = self.threads - len(self._flying)
        if free <= 0:
            return
        under_way = Counter(claim.endpoint_id for claim in self._flying.values())
        for endpoint_id, failing in delivery.receivers(self.clock()).items():
            room = min(free, (1 if failing else _EACH) - under_way[endpoint_id])
            if room <= 0:
                continue
            for claim in delivery.claim(endpoint_id=endpoint_id, limit=room, now=self.clock()):
                self._flying[pool.submit(delivery.hand_over, claim, self.clock)] = claim
                free -= 1

    def _settle(self) -> None:
        while self._ended:
            try:
                delivery.settle(self._ended[0], now=self.clock())
            except OperationalError:
                raise
            except Exception as trouble:
                # Its mark runs out, and it is tried again.
                logger.warning("a delivery could not be settled: %s", type(trouble).__name__)
            self._ended.pop(0)

    def _renew(self) -> None:
        now = self.clock()
        if self._renewed_at is None or now - self._renewed_at >= _RENEW:
            self._renewed_at = now
            delivery.hold([claim.id for claim in self._flying.values()], until=now + delivery.LEASE)

"""The database is slow, cut off, out of connections, or its key store is away."""

import os
import signal
import threading
import time
from contextlib import suppress
from random import Random

import psycopg

from benchmarks.crash.trials.trial import Trial
from benchmarks.crash.trials.weather import Weather, counted, troubles

_SLOW = 0.08
_AWAY = 4.0
_FROZEN = 6.0
# Of the 100 that the embedded database gives, less those of Loket and of its superuser.
_MOST_CONNECTIONS = 70
_GREEDY = "somebody else"
# What can't be done without a key of its own.
_NEED_KEYS = frozenset({"send", "second press", "done", "api", "pay", "bank", "back"})


def slow(weather: Weather) -> Trial:
    """Everything sent to the database is late by 80 ms: a page takes half a second, and is right."""
    before = len(weather.book.mishaps)
    asked = weather.book.asked
    with weather.crowd() as crowd:
        for wire in (weather.web, weather.worker, weather.keys):
            wire.delay = _SLOW
        weather.watch(8.0)
        for wire in (weather.web, weather.worker, weather.keys):
            wire.delay = 0.0
    mishaps = weather.book.mishaps[before:]
    wrong = troubles(crowd, mishaps) + [f"{one.what}: {one.status}" for one in mishaps]
    return Trial(
        "Slow database",
        f"every statement {_SLOW * 1000:.0f} ms late for 8 s: slow answers, no waiting page, nothing lost",
        f"{weather.book.asked - asked} requests, {counted(mishaps)}",
        wrong,
    )


def frozen(weather: Weather) -> Trial:
    """Every process of the database stands still, as when its storage hangs; then it goes on."""
    before = len(weather.book.mishaps)
    with weather.crowd() as crowd:
        pids = weather.loket.database.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        weather.watch(_FROZEN)
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
        back = weather.back()
        weather.watch(2.0)
    mishaps = weather.book.mishaps[before:]
    return Trial(
        "Frozen database",
        f"stands still for {_FROZEN:.0f} s and goes on: everybody waits no longer than that, nothing lost",
        f"{counted(mishaps)}; back {back:.1f} s after",
        troubles(crowd, mishaps),
    )


def cut_worker(weather: Weather) -> Trial:
    """The wire between background worker and database breaks in the middle of its transactions."""
    by, before = Random(7), len(weather.book.mishaps)
    with weather.crowd() as crowd:
        for _ in range(4):
            weather.watch(by.uniform(0.5, 2.0))
            weather.worker.cut()
            weather.watch(by.uniform(0.2, 1.5))
            weather.worker.mend()
        weather.worker.doubt = 0.2
        weather.watch(5.0)
        weather.worker.doubt = 0.0
    mishaps = weather.book.mishaps[before:]
    wrong = troubles(crowd, mishaps) + [f"{one.what}: {one.status}" for one in mishaps]
    return Trial(
        "Network cut between worker and database",
        "cut 4 times, and at a fifth of its commits for 5 s: no browser notices, all work is done once",
        f"{weather.worker.doubted} commits cut; {counted(mishaps)}",
        wrong,
    )


def doubt(weather: Weather) -> Trial:
    """The wire of the web breaks just at COMMIT: did it, or did it not? Sending again gives one case."""
    before = len(weather.book.mishaps)
    with weather.crowd() as crowd:
        weather.web.doubt = 0.1
        weather.watch(8.0)
        weather.web.doubt = 0.0
    mishaps = weather.book.mishaps[before:]
    return Trial(
        "Network cut at the moment of commit",
        "at a tenth of commits for 8 s, half of them committed: a waiting page; sent again it is one case",
        f"{weather.web.doubted} commits cut; {counted(mishaps)}",
        troubles(crowd, mishaps),
    )


def keys_away(weather: Weather) -> Trial:
    before = len(weather.book.mishaps)
    with weather.crowd() as crowd:
        weather.keys.cut()
        begun = time.monotonic()
        pages = 0
        while time.monotonic() - begun < _AWAY:
            pages += weather.probe()
            weather.watch(0.2)
        weather.keys.mend()
        back = weather.back()
        weather.watch(2.0)
    mishaps = weather.book.mishaps[before:]
    other = [one.what for one in mishaps if one.what not in _NEED_KEYS]
    wrong = troubles(crowd, mishaps) + [f"{what} had to wait too" for what in other]
    wrong += [] if pages else ["no page was shown while the key store was away"]
    return Trial(
        "Key store away, main database up",
        f"{_AWAY:.0f} s: forms go on, sending waits, nothing is sent without its key",
        f"{counted(mishaps)}; back after {back:.1f} s",
        wrong,
    )


def no_connections(weather: Weather) -> Trial:
    """Somebody else takes every connection that the database gives, those of Loket as soon as they end."""
    before = len(weather.book.mishaps)
    greedy = Greedy(weather.loket.database.url())
    with weather.crowd() as crowd:
        greedy.start()
        for _ in range(int(_AWAY / 0.5)):
            _end_all(weather)
            weather.watch(0.5)
        greedy.stop()
        back = weather.back()
        weather.watch(1.0)
    mishaps = weather.book.mishaps[before:]
    starved = any(one.status == 503 for one in mishaps)
    return Trial(
        "Too many connections",
        f"others take every connection for {_AWAY:.0f} s: a waiting page in bounded time, and back by itself",
        f"{greedy.most} taken; {counted(mishaps)}; back {back:.1f} s after",
        troubles(crowd, mishaps) + ([] if starved else ["nobody had to wait: they were not exhausted"]),
    )


class Greedy:
    """Takes connections by several threads until the database has none, and goes on trying."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self._held: list[psycopg.Connection[tuple[object, ...]]] = []
        self._threads = [threading.Thread(target=self._take, daemon=True) for _ in range(4)]
        self.most = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        end = time.monotonic() + 10
        while self.most < _MOST_CONNECTIONS and time.monotonic() < end:
            time.sleep(0.05)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for connection in self._held:
            connection.close()

    def _take(self) -> None:
        while not self._stop.is_set():
            try:
                self._held.append(psycopg.connect(self._url, connect_timeout=3, application_name=_GREEDY))
                self.most = max(self.most, len(self._held))
            except psycopg.OperationalError:
                time.sleep(0.002)


def _end_all(weather: Weather) -> None:
    """What Loket's own processes hold. Refused itself, it is tried again half a second later."""
    with suppress(psycopg.OperationalError), weather.loket.database.as_superuser() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'loket' AND application_name <> %s",
            [_GREEDY],
        )

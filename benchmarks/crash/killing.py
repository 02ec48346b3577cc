"""Who is killed, how it comes back, and how long the service was away.

What is killed is started again as a service manager would (Restart=always, what is left of its group swept
first), and so is what ended by itself because something else was killed.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

from benchmarks.installation import Installation
from benchmarks.programs import Program, ProgramEnded, kill_all
from loket.config.embedded import EmbeddedDatabaseError

_POLL = 0.02
_GIVE_UP = 60.0
_RESTART_AFTER = 0.1
_EVERYTHING = frozenset({"web server", "background worker", "officer"})
_UNFELT = frozenset({"background worker", "officer"})
WEIGHTS: Mapping[str, int] = {
    "web worker": 23, "web server": 10, "background worker": 24, "officer": 8, "database backend": 17,
    "database server": 13, "everything": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kill:
    """`at` of the monotonic clock; `away` seconds until it worked again, of which the people felt `felt`.

    `felt` is None for the background worker, which nobody waits for at a browser.
    """

    number: int
    what: str
    at: float
    away: float
    felt: float | None
    ended_too: tuple[str, ...] = ()


@dataclass(slots=True)
class Killer:
    """`probe` asks the service something that needs its database; whether it answered well."""

    loket: Installation
    probe: Callable[[], bool]
    by: Random
    # Decides cases by the same actions as the desk's pages; nobody at a browser waits for it.
    officer: Program
    kills: list[Kill] = field(default_factory=list)
    # How often a background worker died, killed or by itself: each may leave messages on their way.
    worker_deaths: int = 0
    ended_by_itself: list[str] = field(default_factory=list)
    never_back: list[str] = field(default_factory=list)
    _struck: set[str] = field(default_factory=set)
    _officers: tuple[Program, ...] = ()

    def __post_init__(self) -> None:
        self._officers = (self.officer,)

    def kill(self) -> Kill:
        """One, chosen by chance; returns once all of it works again, or after a minute."""
        what = self.by.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return self.kill_one(what)

    def kill_one(self, what: str) -> Kill:
        known = self._last_worker()
        before = len(self.ended_by_itself)
        at = time.monotonic()
        self._struck = set(_EVERYTHING) if what == "everything" else {what}
        felt = None
        try:
            self._strike(what)
            felt = self._come_back(at, feels=what not in _UNFELT)
            if (
                what in {"background worker", "everything"}
                or "background worker" in self.ended_by_itself[before:]
            ):
                self._until(lambda: self._last_worker() > known)
        except (ProgramEnded, EmbeddedDatabaseError) as problem:
            self.never_back.append(f"kill {len(self.kills) + 1}, {what}: {problem}")
        kill = Kill(
            len(self.kills) + 1,
            what,
            at,
            time.monotonic() - at,
            felt,
            tuple(self.ended_by_itself[before:]),
        )
        self.kills.append(kill)
        return kill

    def officer_goes_home(self) -> None:
        self._officers = ()
        self.officer.kill()

    def watch(self, seconds: float) -> None:
        """Lets time pass; starts again what ended by itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(ProgramEnded, EmbeddedDatabaseError):
                self.look_after()
            time.sleep(_POLL * 2)

    def _strike(self, what: str) -> None:
        loket = self.loket
        if what == "web worker":
            _kill(self._one_of(answering(loket)))
        elif what == "web server":
            _kill(loket.web.pid)
        elif what in {"background worker", "officer"}:
            _kill(loket.worker.pid if what == "background worker" else self.officer.pid)
        elif what == "database backend":
            _kill(self._one_of(backends(loket)))
        elif what == "database server":
            _kill(loket.database.pid)
        else:
            kill_all((*loket.web.pids(), *loket.worker.pids(), *loket.database.pids(), self.officer.pid))

    def _one_of(self, pids: list[int]) -> int:
        if not pids:
            raise ProgramEnded("nobody was there to be killed")
        return self.by.choice(pids)

    def _come_back(self, at: float, *, feels: bool) -> float | None:
        """Starts what is gone and waits until the probe is answered well; the seconds that took."""
        time.sleep(_RESTART_AFTER)
        self.look_after()
        if not feels:
            return None
        self._until(self._answers)
        return time.monotonic() - at

    def _answers(self) -> bool:
        self.look_after()
        return self.probe()

    def _until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + _GIVE_UP
        while not true():
            if time.monotonic() > end:
                raise ProgramEnded(f"not back after {_GIVE_UP:.0f} s")
            time.sleep(_POLL)

    def look_after(self) -> None:
        """Starts again what is gone."""
        if not self._database_lives():
            self.loket.database.start()
        for program in (self.loket.web, self.loket.worker, *self._officers):
            if program.running:
                continue
            self.worker_deaths += program is self.loket.worker
            if program.name in self._struck:
                self._struck.discard(program.name)
            else:
                self.ended_by_itself.append(program.name)
                time.sleep(_RESTART_AFTER)
            self._start(program)

    def _database_lives(self) -> bool:
        with suppress(ProgramEnded):
            return Path(f"/proc/{self.loket.database.pid}/exe").exists()
        return False

    def _start(self, program: Program) -> None:
        # What is left of its group, as a service manager's control group would see to.
        program.kill()
        end = time.monotonic() + _GIVE_UP
        while True:
            try:
                program.start()
            except ProgramEnded:
                if time.monotonic() > end:
                    raise
                program.kill()
            else:
                return

    def _last_worker(self) -> int:
        """The number of the background worker that came last; -1 while nobody can tell."""
        with suppress(psycopg.Error, ProgramEnded, OSError):
            url = f"{self.loket.database.url()}?connect_timeout=2"
            with psycopg.connect(url, autocommit=True) as connection:
                row = connection.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers").fetchone()
                return int(row[0]) if row else -1
        return -1


def answering(loket: Installation) -> list[int]:
    """The web server's children that answer requests."""
    return [pid for pid in loket.web_workers() if b"resource_tracker" not in _command(pid)]


def backends(loket: Installation) -> list[int]:
    """The database's processes that serve Loket."""
    return [pid for pid in loket.database.pids()[1:] if _command(pid).startswith(b"postgres: loket ")]


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)

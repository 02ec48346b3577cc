"""The installation behind wires, with a crowd that goes on all the while."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks.crash.book import Book, Mishap
from benchmarks.crash.people import Crowd
from benchmarks.crash.stories import SERVICES, Service
from benchmarks.installation import Installation
from benchmarks.programs import ProgramEnded
from benchmarks.relay import Relay

# A waiting page comes within this; whoever waits longer goes away.
BOUNDED = 12.0
_BACK_WITHIN = 30.0


class Weather:
    """`web` and `worker` are the wires of those two to the main database, `keys` of both to the key store."""

    def __init__(self, loket: Installation, book: Book, probe: Callable[[], bool], seed: int) -> None:
        self.loket, self.book, self.probe, self._seed = loket, book, probe, seed
        port = loket.database.cluster.port if loket.database.cluster else 0
        self.web, self.worker, self.keys = (Relay(port, seed + number) for number in range(3))
        self._crowds = 0
        self.worker_deaths = 0

    def put_up(self) -> None:
        """Starts web and worker anew, behind their wires."""
        plain = dict(self.loket.environment)
        port = f":{self.web.target}/"
        for program, wire in ((self.loket.web, self.web), (self.loket.worker, self.worker)):
            program.stop()
            program.environment = {
                **plain,
                "LOKET_DATABASE_URL": plain["LOKET_DATABASE_URL"].replace(port, f":{wire.port}/"),
                "LOKET_KEYS_URL": plain["LOKET_KEYS_URL"].replace(port, f":{self.keys.port}/"),
            }
            program.start()

    def take_down(self) -> None:
        for wire in (self.web, self.worker, self.keys):
            wire.cut()

    @contextmanager
    def crowd(self, people: int = 4, services: tuple[Service, ...] = SERVICES) -> Iterator[Crowd]:
        """People who apply meanwhile, and go home at the end."""
        self._crowds += 1
        seed = self._seed * 1000 + self._crowds
        crowd = Crowd(self.loket.port, self.book, seed=seed, people=people, pause=0.05, services=services)
        crowd.start()
        self.watch(1.5)
        try:
            yield crowd
        finally:
            crowd.send_home()

    def watch(self, seconds: float) -> None:
        """Lets time pass; a program that ends by itself is started again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look_after()
            time.sleep(0.05)

    def watch_without_database(self, seconds: float) -> None:
        """Only the web has to go on; what can't start without a database is started when there is one."""
        time.sleep(seconds)

    def look_after(self) -> None:
        """Starts again what ended by itself."""
        for program in (self.loket.web, self.loket.worker):
            if not program.running:
                self.worker_deaths += program is self.loket.worker
                program.kill()
                # It may not come up in this weather: then again the next time.
                try:
                    program.start(20)
                except ProgramEnded:
                    program.kill()

    def back(self) -> float:
        """Seconds until the service works again. Raises ProgramEnded."""
        begun = time.monotonic()
        while not self.probe():
            self.look_after()
            if time.monotonic() - begun > _BACK_WITHIN:
                raise ProgramEnded(f"not back after {_BACK_WITHIN:.0f} s")
            time.sleep(0.05)
        return time.monotonic() - begun


def troubles(crowd: Crowd, mishaps: Sequence[Mishap], *, bounded: float = BOUNDED) -> list[str]:
    """What no weather excuses: faults, answers that nobody can go on from, waits without a bound."""
    wrong = [f"{one.what}: {one.status}" for one in mishaps if one.status not in {0, 503}]
    wrong += [
        f"{one.what} waited {one.seconds:.1f} s for {one.status or 'nothing'}"
        for one in mishaps
        if one.seconds > bounded
    ]
    return wrong + list(crowd.strange)


def counted(mishaps: Sequence[Mishap]) -> str:
    waiting = [one for one in mishaps if one.status == 503]
    none = sum(one.status == 0 for one in mishaps)
    slowest = max((one.seconds for one in waiting), default=0.0)
    told = f"{len(waiting)} waiting pages (slowest {slowest:.1f} s)" if waiting else "no waiting page"
    return told + (f", {none} without an answer" if none else "")

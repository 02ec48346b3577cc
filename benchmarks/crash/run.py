"""One run: an installation, a crowd, kills, rest, reckoning."""

import importlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import django

from benchmarks.crash.book import Book
from benchmarks.crash.browser import Browser, NoAnswer
from benchmarks.crash.findings import Check, Planted
from benchmarks.crash.killing import Kill, Killer
from benchmarks.crash.people import Crowd
from benchmarks.crash.service_level import faults, hangs
from benchmarks.crash.stories import SERVICES, Service
from benchmarks.crash.trials.all import try_one
from benchmarks.crash.trials.trial import Trial
from benchmarks.crash.trials.weather import Weather
from benchmarks.installation import ROOT, Installation, installed
from benchmarks.programs import Program

PAUSE = 0.12
NOTES = "decisions"
# Seconds between the moment when all works again and the next kill.
_BETWEEN = (0.5, 3.5)
# With more due than that, jobs and messages, nobody begins anew: the worker, killed over and over, would on a
# slow machine leave what takes it longer than the kills did.
_MOST_BEHIND = 200
_LOOK_EVERY = 0.5
_REST = 240.0
# Further than any pause that a lost job, a lost try or a resting provider waits.
_LATER = 25 * 60.0
_A_DAY_LATER = 13 * 3600.0


@dataclass(slots=True)
class Outcome:
    """`checks` is empty until it is reckoned."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    load_seconds: float = 0.0
    held_back_seconds: float = 0.0
    drain_seconds: float = 0.0
    rest_seconds: float = 0.0
    ended_by_itself: list[str] = field(default_factory=list)
    told_again: int = 0
    trials: list[Trial] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        checked = bool(self.checks) and all(check.holds for check in self.checks)
        return (
            checked and all(trial.holds for trial in self.trials) and all(one.found for one in self.planted)
        )


@dataclass(slots=True)
class Rest:
    """Seconds until the backlog was done, and in all; how many call-backs the bank repeated; what is left."""

    drained: float = 0.0
    seconds: float = 0.0
    told_again: int = 0
    left: list[str] = field(default_factory=list)


class House:
    """An installation with a clock of its own, and Django started in this process to look into it."""

    def __init__(self, loket: Installation, clock: Path) -> None:
        self.loket, self.clock = loket, clock
        os.environ.update(loket.environment)
        django.setup()
        # Tables can only be imported into a started Django.
        self.draining: Any = importlib.import_module("benchmarks.crash.draining")
        self.planting: Any = importlib.import_module("benchmarks.crash.planting")
        self._everything: Any = importlib.import_module("benchmarks.crash.reckoning.everything")

    def come_to_rest(self, look_after: Callable[[], None], *, ahead: float) -> Rest:
        begun, rest = time.monotonic(), Rest()
        try:
            rest.drained = self.draining.rest(_REST, look_after)
            for _ in range(2):
                rest.told_again += self.draining.repeat_call_backs()
                self.draining.let_time_pass(self.clock, ahead)
                self.draining.rest(_REST, look_after)
        except self.draining.NeverAtRest as problem:
            rest.left.append(str(problem))
        rest.seconds = time.monotonic() - begun
        return rest

    def reckon(self, book: Book, worker_deaths: int) -> list[Check]:
        taken, notes = self.loket.mail_taken(), self.loket.folder / NOTES
        checks: list[Check] = self._everything.reckon(book, taken, worker_deaths, notes)
        return checks


@contextmanager
def house(environment: dict[str, str] | None = None, logs: Path | None = None) -> Iterator[House]:
    """The demo's make-believe bank takes the money; everything else is as an operator runs it."""
    ours = {
        "LOKET_DEMO": "1",
        "LOKET_SECURE_COOKIES": "0",
        "DJANGO_SETTINGS_MODULE": "benchmarks.crash.settings",
        **(environment or {}),
    }
    with installed(start=False, environment=ours) as loket:
        clock = loket.folder / "clock"
        clock.write_text("0")
        loket.environment |= {
            "LOKET_BENCH_CLOCK": str(clock),
            "LOKET_WITNESS": f"file:{loket.folder / 'witness'}",
        }
        loket.start()
        try:
            yield House(loket, clock)
        finally:
            if logs is not None:
                logs.mkdir(parents=True, exist_ok=True)
                for log in (*loket.folder.glob("*.log"), *(loket.folder / "postgres").glob("*.log")):
                    shutil.copy(log, logs)


def run(
    kills: int,
    seed: int,
    *,
    people: int = 10,
    plant: str = "",
    trials: Sequence[str] = (),
    services: tuple[Service, ...] = SERVICES,
    logs: Path | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    with house(logs=logs) as home:
        outcome = Outcome(seed)
        killer = load_and_kill(home, outcome, kills=kills, people=people, services=services, say=say)
        say(f"{len(outcome.book.stories)} people came; all went home. Waiting until nothing is due.")
        rest = home.come_to_rest(killer.look_after, ahead=_LATER)
        outcome.drain_seconds, outcome.rest_seconds = rest.drained, rest.seconds
        outcome.told_again = rest.told_again
        say(f"What was due was done in {rest.drained:.0f} s; at rest after {rest.seconds:.0f} s.")
        outcome.checks.append(Check("rest", "Everything that was due got done", 1, rest.left))
        outcome.checks += home.reckon(outcome.book, killer.worker_deaths)
        for check in outcome.checks:
            say("\n".join(check.lines()))
        if trials:
            outcome.trials += try_all(home, outcome, trials, deaths=killer.worker_deaths, say=say)
        if plant:
            outcome.planted += plant_all(home, outcome, plant, killer.worker_deaths, say=say)
        return outcome


def plant_all(
    home: House, outcome: Outcome, name: str, deaths: int, *, say: Callable[[str], None]
) -> list[Planted]:
    """Puts in one fault after the other, and reckons after each whether it is found."""
    # Else the worker would mend some of them before they are looked for.
    home.loket.web.stop()
    home.loket.worker.stop()
    planted = []
    known = _wrong(home.reckon(outcome.book, deaths))
    for one in home.planting.PLANTS if name == "all" else (name,):
        done = home.planting.plant(one, outcome.book, home.loket.book)
        now = _wrong(home.reckon(outcome.book, deaths))
        where = home.planting.FOUND_BY[one]
        planted.append(Planted(one, done, sorted(now.get(where, set()) - known.get(where, set()))))
        say(f"planted {one} ({done}): {planted[-1].found or 'NOT FOUND'}")
        known = now
    return planted


def _wrong(checks: Sequence[Check]) -> dict[str, set[str]]:
    return {check.key: set(check.wrong) for check in checks}


def try_all(
    home: House, outcome: Outcome, names: Sequence[str], *, deaths: int, say: Callable[[str], None]
) -> list[Trial]:
    """Bad weather, one after the other, and at the end all of it reconciled again."""
    weather = Weather(home.loket, outcome.book, prober(home.loket.port), outcome.seed)
    weather.put_up()
    trials = []
    for name in names:
        trials.append(try_one(name, weather, home.clock))
        say("\n".join(trials[-1].lines()))
    before = weather.worker_deaths + deaths
    weather.take_down()
    for program in (home.loket.web, home.loket.worker):
        program.kill()
    home.loket.start()
    rest = home.come_to_rest(weather.look_after, ahead=_A_DAY_LATER)
    # The two that were ended just now, each with what they had on their way.
    checks = home.reckon(outcome.book, before + 4)
    wrong = rest.left + [line for check in checks if not check.holds for line in check.lines()]
    last = Trial("Afterwards", "all of it reconciled as above", f"at rest after {rest.seconds:.0f} s", wrong)
    say("\n".join(last.lines()))
    return [*trials, last]


def load_and_kill(
    home: House,
    outcome: Outcome,
    *,
    kills: int,
    people: int,
    services: tuple[Service, ...],
    say: Callable[[str], None],
) -> Killer:
    by, loket = Random(f"kills/{outcome.seed}"), home.loket
    officer = Program(
        "officer",
        [sys.executable, "-m", "benchmarks.crash.officers", str(loket.folder / NOTES), str(outcome.seed)],
        loket.environment,
        ROOT,
        loket.folder / "officer.log",
    )
    killer = Killer(loket, prober(loket.port), by, officer)
    crowd = Crowd(loket.port, outcome.book, seed=outcome.seed, people=people, pause=PAUSE, services=services)
    begun = time.monotonic()
    crowd.start()
    officer.start()
    with held_back(crowd, home.draining.behind, outcome):
        killer.watch(3.0)
        for _ in range(kills):
            killer.watch(by.uniform(*_BETWEEN))
            kill = killer.kill()
            outcome.kills.append(kill)
            felt = "" if kill.felt is None else f", people waited {kill.felt:.1f} s"
            too = f"; ended too: {', '.join(kill.ended_too)}" if kill.ended_too else ""
            say(f"{kill.number:>4} {kill.what}: back after {kill.away:.1f} s{felt}{too}")
        killer.watch(3.0)
    crowd.send_home()
    killer.officer_goes_home()
    outcome.load_seconds = time.monotonic() - begun
    outcome.ended_by_itself = list(killer.ended_by_itself)
    outcome.checks += [
        Check("strange", "Every answer was one to go on from", outcome.book.asked, crowd.strange),
        Check("back", "After each kill all worked again within a minute", kills, killer.never_back),
        *faults(outcome.book, outcome.kills),
        hangs(outcome.book, outcome.kills),
    ]  # fmt: skip
    return killer


@contextmanager
def held_back(crowd: Crowd, behind: Callable[[], int], outcome: Outcome) -> Iterator[None]:
    """Meanwhile nobody begins anew as long as the worker is far behind."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_EVERY):
            due = behind()
            if due > _MOST_BEHIND:
                crowd.held_back.set()
                outcome.held_back_seconds += _LOOK_EVERY
            elif due >= 0:
                crowd.held_back.clear()

    looking = threading.Thread(target=look, name="usher", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def prober(port: int) -> Callable[[], bool]:
    """Asks for something that takes the database: the tracker's answer about a reference nobody has."""

    def probe() -> bool:
        browser = Browser(port, "10.250.0.1")
        try:
            if browser.get("/en/track/").status != 200:
                return False
            asked = browser.post("/en/return/", {"reference": "ZZZZ-ZZZZ", "pin": "00000000"})
        except NoAnswer:
            return False
        finally:
            browser.close()
        return asked.status < 500

    return probe


def chosen_services(names: Sequence[str]) -> tuple[Service, ...]:
    return tuple(service for service in SERVICES if not names or service.key in names)


if __name__ == "__main__":
    sys.exit("Run python -m benchmarks.crash")

"""Runs what was asked for, round after round, the ceiling in each, and gathers what is told."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks import first_visit
from benchmarks.driving import Order
from benchmarks.figures import Round, told
from benchmarks.installation import ROOT, free_port, installed, listens
from benchmarks.programs import Program
from benchmarks.rounds import Bench, ceiling_round, driven
from benchmarks.scenarios import Scenario
from benchmarks.watching import Watcher
from loket.config import embedded

PACKS = ROOT / "benchmarks" / "packs"
# As many workers as Loket's web server has, and one thread in each, which serves short requests fastest.
_CEILING = (
    *("--interface", "wsgi", "benchmarks.ceiling:application", "--workers", "2", "--blocking-threads", "1"),
    *("--no-ws", "--log-level", "warning"),
)
# Each worker has compiled and cached what it will by then.
_WARM_UP = 1.5
# How many visits are enough to count statements by.
_COUNTING = 1.0
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `seconds` is how long a round is; `sizes` are numbers of cases in the database."""

    names: tuple[str, ...]
    at_once: tuple[int, ...] = (1, 8, 32)
    rounds: int = 3
    seconds: float = 4.0
    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    exported: int = 50_000
    messages: int = 2_000
    kills: int = 2


@dataclass(slots=True)
class Gathered:
    """Rounds by scenario and concurrency; `once` is what needs to be measured only once."""

    rounds: dict[str, dict[int, list[Round]]] = field(default_factory=dict)
    ceilings: dict[str, dict[int, list[Round]]] = field(default_factory=dict)
    once: dict[str, dict[int, dict[str, float]]] = field(default_factory=dict)

    def add(self, key: str, at_once: int, figures: Round, ceiling: Round) -> None:
        self.rounds.setdefault(key, {}).setdefault(at_once, []).append(figures)
        self.ceilings.setdefault(key, {}).setdefault(at_once, []).append(ceiling)

    def note(self, key: str, at_once: int, figures: Mapping[str, float]) -> None:
        self.once.setdefault(key, {}).setdefault(at_once, {}).update(figures)

    def told(self) -> dict[str, dict[str, dict[str, object]]]:
        keys = [*self.rounds, *(key for key in self.once if key not in self.rounds)]
        return {key: {str(one): self._told(key, one) for one in self._levels(key)} for key in keys}

    def _levels(self, key: str) -> list[int]:
        return sorted({*self.rounds.get(key, {}), *self.once.get(key, {})})

    def _told(self, key: str, at_once: int) -> dict[str, object]:
        rounds = self.rounds.get(key, {}).get(at_once, [])
        ceilings = self.ceilings.get(key, {}).get(at_once, [])
        return told(rounds, ceilings, self.once.get(key, {}).get(at_once, {}))


@contextmanager
def benched() -> Iterator[Bench]:
    """An installation with the bench's services, and the ceiling beside it."""
    with installed(packs=[PACKS]) as loket:
        cluster = loket.database.cluster
        assert cluster is not None
        embedded.make_database(cluster, "ceiling")
        own = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LOKET_", "PG"))},
            "CEILING_DATABASE": cluster.url("ceiling"),
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        subprocess.run([sys.executable, "-m", "benchmarks.ceiling"], cwd=ROOT, env=own, check=True)
        port = free_port()
        command = [sys.executable, "-m", "granian", *_CEILING, "--host", "127.0.0.1", "--port", str(port)]
        ceiling = Program(
            "ceiling", command, own, ROOT, loket.folder / "ceiling.log", ready=lambda: listens(port)
        )
        watcher = Watcher(loket.database)
        try:
            ceiling.start()
            yield Bench(loket, ceiling, port, watcher)
        finally:
            watcher.close()
            ceiling.kill()


def several(bench: Bench, chosen: Sequence[Scenario], plan: Plan, gathered: Gathered, step: Step) -> None:
    """All rounds of some scenarios, interleaved, so that a busy minute of the machine meets all of them."""
    for scenario in chosen:
        step(f"{scenario.key}: warming up, statements, first visit")
        known = _once(bench, scenario)
        for at_once in plan.at_once[: 1 if scenario.alone else None]:
            gathered.note(scenario.key, at_once, known)
    driven(Order(bench.ceiling_port, "ceiling", 4, _WARM_UP / 2))
    for number in range(1, plan.rounds + 1):
        for at_once in plan.at_once:
            step(f"round {number} of {plan.rounds}, {at_once} at once: the ceiling")
            ceiling = ceiling_round(bench, at_once, plan.seconds / 2, plan.seconds / 10)
            gathered.add("ceiling", at_once, ceiling, ceiling)
            for scenario in chosen:
                if scenario.alone and at_once > 1:
                    continue
                step(f"round {number} of {plan.rounds}, {at_once} at once: {scenario.key}")
                gathered.add(scenario.key, at_once, scenario.round(bench, at_once, plan.seconds), ceiling)
                memory = {"worker_memory_mb": bench.worker_memory()}
                gathered.note(scenario.key, at_once, memory)


def _once(bench: Bench, scenario: Scenario) -> dict[str, float]:
    """What doesn't depend on how many come at once: statements of a visit, and a first visit's bytes."""
    since, port = bench.watcher.now(), bench.loket.port
    driven(scenario.order(port, 4, _WARM_UP, 0.0))
    bench.watcher.drain(since, _WARM_UP * 4)
    bench.watcher.forget_waiting()
    bench.watcher.forget_limits()
    with bench.watcher.statements() as counted:
        seen = driven(scenario.order(port, 1, _COUNTING, 0.0))
        bench.watcher.drain(since, _WARM_UP * 4)
    bench.watcher.forget_waiting()
    found = {"sql_statements": counted[f"loket {bench.loket.web.name}"] / seen.visits}
    if scenario.counts:
        found["background_statements"] = counted[f"loket {bench.loket.worker.name}"] / seen.visits
    if scenario.visit:
        found["first_visit_kb"] = first_visit.kilobytes(port, scenario.visit)
    return found

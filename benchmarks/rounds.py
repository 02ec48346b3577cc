"""One round of one scenario: drive it, wait for what follows in the background, and see what it cost."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from benchmarks.driving import Order, Seen
from benchmarks.installation import ROOT, Installation
from benchmarks.programs import Program, cpu_seconds, memory
from benchmarks.watching import Watcher
from benchmarks.wire import BadAnswer

_DRIVER_PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time in seconds."""

    web: float
    worker: float
    database: float

    @property
    def all(self) -> float:
        return self.web + self.worker + self.database

    def since(self, before: "Spent", visits: int) -> dict[str, float]:
        """In milliseconds a visit, by part."""
        return {
            "cpu_web_ms": (self.web - before.web) / visits * 1000,
            "cpu_worker_ms": (self.worker - before.worker) / visits * 1000,
            "cpu_database_ms": (self.database - before.database) / visits * 1000,
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured: an installation, the ceiling beside it, and who looks into its database."""

    loket: Installation
    ceiling: Program
    ceiling_port: int
    watcher: Watcher

    def cpu(self) -> Spent:
        """Of all processes that serve: web workers, background worker, every process of PostgreSQL."""
        parts = self.loket.cpu_seconds()
        return Spent(parts["web"], parts["worker"], parts["database"] - self.watcher.own_cpu())

    def worker_memory(self) -> float:
        """The largest of the web workers, in MB as the system counts what is resident."""
        return max(memory(pid).resident for pid in self.loket.web_workers())


def driven(order: Order) -> Seen:
    """What the driver, a process of its own, saw. Raises BadAnswer."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.driving"],
        input=json.dumps(asdict(order)),
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=_DRIVER_PATIENCE,
        check=False,
    )
    if ended.returncode != 0:
        raise BadAnswer(f"driving {order.kind} failed:\n{ended.stderr[-2000:]}")
    return Seen(**json.loads(ended.stdout))


def ceiling_round(bench: Bench, at_once: int, seconds: float, warm: float) -> Mapping[str, float]:
    def cpu() -> float:
        return cpu_seconds(bench.ceiling.pid) + cpu_seconds(bench.loket.database.pid)

    before = cpu()
    seen = driven(Order(bench.ceiling_port, "ceiling", at_once, seconds, warm))
    return {
        "requests_per_second": seen.per_second,
        "cpu_ms_per_journey": (cpu() - before) / seen.visits * 1000,
        **_times(seen),
        "driver_cpu_ms": seen.own_cpu / seen.visits * 1000,
    }


def page_round(bench: Bench, order: Order) -> Mapping[str, float]:
    """Nothing follows from looking at a page."""
    bench.watcher.forget_limits()
    before = bench.cpu()
    seen = driven(order)
    after = bench.cpu()
    return {
        "requests_per_second": seen.per_second * seen.requests / seen.visits,
        "cpu_ms_per_journey": (after.all - before.all) / seen.visits * 1000,
        **after.since(before, seen.visits),
        **_times(seen),
        "driver_cpu_ms": seen.own_cpu / seen.visits * 1000,
    }


def case_round(bench: Bench, order: Order, patience: float, key: str) -> Mapping[str, float]:
    """Each visit sends an application. `key` is the figure that counts those accepted.

    Where patience ends before the background work, the rate of what is done holds all the same, for the
    worker was busy throughout; what the rest would have cost is reckoned from what the part done after the
    driving cost. Raises BadAnswer where the database holds another number of cases than were sent.
    """
    bench.watcher.forget_limits()
    since, cases, before = bench.watcher.now(), bench.watcher.cases(), bench.cpu()
    seen = driven(order)
    driving_cpu = bench.cpu()
    drained = bench.watcher.drain(since, patience)
    after = bench.cpu()
    made = bench.watcher.cases() - cases
    if made != seen.visits:
        raise BadAnswer(f"{seen.visits} applications were confirmed, {made} cases are in the database")
    if drained.waiting:
        bench.watcher.forget_waiting()
    followed = drained.waiting_at_first - drained.waiting
    rest = drained.waiting * (after.all - driving_cpu.all) / followed if drained.waiting and followed else 0.0
    return {
        key: seen.per_second,
        "journeys_done_per_second": (seen.visits - drained.waiting) / (seen.seconds + drained.seconds),
        "cpu_ms_per_journey": (after.all - before.all + rest) / seen.visits * 1000,
        **after.since(before, seen.visits),
        **_times(seen),
        "journey_p50_ms": seen.percentiles["visit"]["p50"],
        "driver_cpu_ms": seen.own_cpu / seen.visits * 1000,
        "left_waiting": drained.waiting / seen.visits,
        **{
            f"{step}_{name}_ms": value
            for step, several in seen.percentiles.items()
            if step in {"page", "answer", "submit"}
            for name, value in several.items()
            if name in {"p50", "p95"}
        },
    }


def _times(seen: Seen) -> Mapping[str, float]:
    return {"turned_away": seen.turned_away / seen.visits} | {
        f"{name}_ms": seen.percentiles["all"][name] for name in ("p50", "p95", "p99")
    }

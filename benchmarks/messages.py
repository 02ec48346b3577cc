"""How fast messages reach the mail server, and whether any is lost or goes twice while the worker is killed.

Run: python -m benchmarks.messages [--count 10000] [--kills 10] [--json FILE]

An embedded database, a worker and a mail server of their own, all real. First all messages are there at once,
and the worker is killed (SIGKILL) again and again while it sends them; then they arrive steadily, as on a
busy day.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import django
from django.db import connections

from benchmarks.installation import ROOT, Installation, installed
from benchmarks.programs import Program, ProgramEnded

_AT_ONCE = 200
_PATIENCE = 600.0
_STEADY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in seconds. `taken_twice` counts copies with the same Message-ID that the server took again."""

    count: int
    kills: int
    per_second: float
    seconds_to_99_percent: float
    lost: int
    failed: int
    taken_twice: int
    most_in_flight: int
    uncertain: int
    different: int
    steady_per_second: float
    steady_count: int
    steady_p50: float
    steady_p95: float
    steady_worst: float
    steady_within_10s: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="loket bench messages", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="messages [10000]")
    parser.add_argument("--kills", type=int, default=10, help="how often the worker is killed [10]")
    parser.add_argument("--arrive", type=int, default=40, help="messages a second of the steady part [40]")
    parser.add_argument("--seconds", type=int, default=60, help="how long they arrive steadily [60]")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args(arguments)
    figures = measure(
        count=chosen.count, kills=chosen.kills, arrive=chosen.arrive, steady_seconds=chosen.seconds
    )
    for name, value in asdict(figures).items():
        print(f"{name.replace('_', ' '):>24}: {value}")
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8")
    return 0 if figures.lost == 0 and figures.different == figures.count + figures.steady_count else 1


def in_own_process(*, count: int, kills: int, seconds: int) -> dict[str, float]:
    """The figures by name, measured in a process that can start Django on its own database."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "figures.json"
        options = [
            "--count",
            str(count),
            "--kills",
            str(kills),
            "--seconds",
            str(seconds),
            "--json",
            str(told),
        ]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}
        ended = subprocess.run(
            [sys.executable, "-m", "benchmarks.messages", *options],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if not told.exists():
            raise ProgramEnded(f"the benchmark of messages failed:\n{ended.stderr[-2000:]}")
        figures: dict[str, float] = json.loads(told.read_text(encoding="utf-8"))
    return figures


def measure(*, count: int, kills: int, arrive: int = 40, steady_seconds: int = _STEADY_SECONDS) -> Figures:
    with installed(start=False) as loket:
        os.environ.update(loket.environment)
        django.setup()
        loket.mail.start()
        try:
            return _measured(count, kills, arrive, steady_seconds, loket)
        finally:
            connections.close_all()


def _measured(count: int, kills: int, arrive: int, steady_seconds: int, loket: Installation) -> Figures:
    from benchmarks import sending  # noqa: PLC0415 - Django must be started first

    sending.prepare()
    sending.defer(count, _AT_ONCE)
    begun, worker = time.monotonic(), loket.worker
    worker.start()
    for kill in range(1, kills + 1):
        enough = count * kill // (kills + 1)
        _until(partial(_enough, sending.ended, enough), worker)
        worker.kill()
        worker.start()
    _until(lambda: sending.ended() >= count * 99 // 100, worker)
    to_99 = time.monotonic() - begun
    _until(lambda: sending.ended() >= count, worker)
    taken = Counter(loket.mail_taken())
    times = _steadily(arrive, steady_seconds, worker)
    worker.stop()
    different = len(set(loket.mail_taken()))
    steady = arrive * steady_seconds
    return Figures(
        count=count,
        kills=kills,
        per_second=round(count * 0.99 / to_99, 1),
        seconds_to_99_percent=round(to_99, 1),
        lost=count + steady - different,
        failed=sending.failed(),
        taken_twice=taken.total() - len(taken),
        most_in_flight=sending.IN_FLIGHT * kills,
        uncertain=sending.uncertain(),
        different=different,
        steady_per_second=arrive,
        steady_count=steady,
        steady_p50=round(statistics.median(times), 3),
        steady_p95=round(statistics.quantiles(times, n=20)[-1], 3),
        steady_worst=round(max(times), 3),
        steady_within_10s=round(sum(taken <= 10 for taken in times) / len(times), 4),
    )


def _steadily(arrive: int, seconds: int, worker: Program) -> list[float]:
    """One message after the other, each in its own transaction; how long each took to be handed over."""
    from benchmarks import sending  # noqa: PLC0415 - Django must be started first

    since, begun = sending.moment(), time.monotonic()
    for number in range(arrive * seconds):
        time.sleep(max(0.0, begun + number / arrive - time.monotonic()))
        sending.defer(1, 1)
    _until(lambda: sending.open_messages() == 0, worker)
    return sending.times_since(since)


def _enough(ended: Callable[[], int], wanted: int) -> bool:
    return ended() >= wanted


def _until(true: Callable[[], bool], worker: Program) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not true():
        if not worker.running:
            raise RuntimeError("the worker ended by itself")
        if time.monotonic() > deadline:
            raise RuntimeError("the messages did not end in time")
        time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

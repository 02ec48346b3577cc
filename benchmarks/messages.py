"""How fast messages reach the mail server, and whether any is lost or goes twice while the worker is killed.

Run: loket bench messages, or python -m benchmarks.messages [--count 10000] [--kills 10] [--json FILE]

An embedded database, a worker and a mail server of their own, all real. First all messages are there at once,
and the worker is killed (SIGKILL) again and again while it sends them; then they arrive steadily, as on a
busy day.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import django

from loket.config import embedded

if TYPE_CHECKING:
    pass

_ROOT = Path(__file__).resolve().parent.parent
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


def measure(*, count: int, kills: int, arrive: int = 40, steady_seconds: int = _STEADY_SECONDS) -> Figures:
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as kept:
        folder, port = Path(kept), _free_port()
        book = folder / "taken"
        book.touch()
        cluster = embedded.start(folder / "postgres")
        for name in ("loket", "loket_keys"):
            embedded.make_database(cluster, name)
        try:
            os.environ.update(_environment(cluster, port, folder))
            django.setup()
            with _mail_server(port, book):
                return _measured(count, kills, arrive, steady_seconds, book)
        finally:
            embedded.remove(folder / "postgres")


def _environment(cluster: embedded.Cluster, port: int, folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "loket.config.settings",
        "LOKET_DATABASE_URL": cluster.url("loket"),
        "LOKET_KEYS_URL": cluster.url("loket_keys"),
        "LOKET_MASTER_KEY": os.urandom(32).hex(),
        "LOKET_SECRET_KEY": "a benchmark's own, thrown away with its database",
        "LOKET_DATA": str(folder / "var"),
        "LOKET_DEMO": "0",
        "LOKET_EMAIL_CHANNEL": "smtp",
        "LOKET_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "LOKET_EMAIL_FROM": "no-reply@loket.example",
        "LOKET_LOG_LEVEL": "warning",
        "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}",
    }


def _measured(count: int, kills: int, arrive: int, steady_seconds: int, book: Path) -> Figures:
    from benchmarks import sending  # noqa: PLC0415 - Django must be started first

    sending.prepare()
    sending.defer(count, _AT_ONCE)
    begun = time.monotonic()
    worker = _worker()
    try:
        for kill in range(1, kills + 1):
            enough = count * kill // (kills + 1)
            _until(partial(_enough, sending.ended, enough), worker)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            worker = _worker()
        _until(lambda: sending.ended() >= count * 99 // 100, worker)
        to_99 = time.monotonic() - begun
        _until(lambda: sending.ended() >= count, worker)
        taken = Counter(book.read_text(encoding="ascii").split())
        times = _steadily(arrive, steady_seconds, worker)
    finally:
        worker.terminate()
        worker.wait(30)
    different = len(set(book.read_text(encoding="ascii").split()))
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


def _steadily(arrive: int, seconds: int, worker: "subprocess.Popen[bytes]") -> list[float]:
    """One message after the other, each in its own transaction; how long each took to be handed over."""
    from benchmarks import sending  # noqa: PLC0415 - Django must be started first

    since, begun = sending.moment(), time.monotonic()
    for number in range(arrive * seconds):
        time.sleep(max(0.0, begun + number / arrive - time.monotonic()))
        sending.defer(1, 1)
    _until(lambda: sending.open_messages() == 0, worker)
    return sending.times_since(since)


def _worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "loket.config.command", "worker"], cwd=_ROOT)


@contextmanager
def _mail_server(port: int, book: Path) -> Iterator[None]:
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mail_server", str(port), str(book)], cwd=_ROOT
    )
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _enough(ended: Callable[[], int], wanted: int) -> bool:
    return ended() >= wanted


def _until(true: Callable[[], bool], worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while not true():
        if worker.poll() is not None:
            raise RuntimeError("the worker ended by itself")
        if time.monotonic() > deadline:
            raise RuntimeError("the messages did not end in time")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

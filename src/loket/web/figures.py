"""What this process counts for Prometheus: requests, their time and their statements.

Nothing is counted unless figures are switched on. The processes of a machine count in files of their own;
`gathered` adds them up, those of dead processes too. Settings must be read before this is imported, because
the library decides on loading whether several processes count together.
"""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Around the budgets of pages (3, 4, 5, 15, 40 ms), then what people notice.
_BUCKETS = (0.003, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DEAD = "dead"
# Whole lives of processes end here, so that sums never fall when one dies.
_ADDED_UP = ("counter", "histogram")


@dataclass(slots=True)
class _Instruments:
    requests: Counter
    seconds: Histogram
    statements: Counter


def answered(method: str, route: str, status: int, seconds: float, statements: int) -> None:
    """One request was answered. Costs some 10 µs where figures are on, and nothing where they are off."""
    if settings.METRICS_FOLDER is None:
        return
    count, duration, asked = _children(method if method in METHODS else "other", route, f"{status // 100}xx")
    count.inc()
    duration.observe(seconds)
    if statements:
        asked.inc(statements)


def gathered(into: CollectorRegistry) -> None:
    """Registers the sums over this machine's processes; files of dead ones are put together first."""
    folder = settings.METRICS_FOLDER
    assert folder is not None
    _sweep(folder)
    MultiProcessCollector(into, path=str(folder))


@lru_cache(maxsize=1)
def _instruments() -> _Instruments:
    # Filled per process and collected from the files: registered nowhere here.
    nowhere = CollectorRegistry()
    return _Instruments(
        requests=Counter(
            "loket_requests", "Requests answered.", ["method", "route", "status"], registry=nowhere
        ),
        seconds=Histogram(
            "loket_request_seconds",
            "Time from a request's arrival in the process to its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=nowhere,
        ),
        statements=Counter("loket_statements", "SQL statements of requests.", ["route"], registry=nowhere),
    )


@lru_cache(maxsize=4096)
def _children(method: str, route: str, status: str) -> tuple["Counter", "Histogram", Counter]:
    """Finding a child by its labels costs more than counting."""
    known = _instruments()
    return (
        known.requests.labels(method, route, status),
        known.seconds.labels(route),
        known.statements.labels(route),
    )


def _sweep(folder: Path) -> None:
    """Adds the counts of processes that ended to one file of the dead, once; drops what they held."""
    with (folder / "sweep.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another process is at it.
            return
        ended = [path for path in folder.glob("*_*.db") if _is_of_dead(path)]
        for kind in _ADDED_UP:
            _put_together(folder / f"{kind}_{_DEAD}.db", [one for one in ended if one.name.startswith(kind)])
        for path in ended:
            path.unlink(missing_ok=True)


def _is_of_dead(path: Path) -> bool:
    number = path.stem.rpartition("_")[2]
    return number.isdigit() and not _lives(int(number))


def _put_together(target: Path, ended: Iterable[Path]) -> None:
    files = list(ended)
    if not files:
        return
    # Made beside and renamed, or a scrape would read half of it; files are deleted only afterwards.
    fresh = target.with_suffix(".making")
    fresh.unlink(missing_ok=True)
    sums: dict[str, float] = {}
    for path in [*([target] if target.exists() else []), *files]:
        for key, value, _at, _place in MmapedDict.read_all_values_from_file(str(path)):
            sums[key] = sums.get(key, 0.0) + value
    kept = MmapedDict(str(fresh))
    for key, value in sums.items():
        kept.write_value(key, value, 0.0)
    kept.close()
    fresh.replace(target)


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

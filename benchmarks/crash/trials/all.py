"""Every trial by name."""

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.crash.trials import clocks, database, disk
from benchmarks.crash.trials.trial import Trial
from benchmarks.crash.trials.weather import Weather

TRIALS: Mapping[str, Callable[[Weather], Trial]] = {
    "slow": database.slow,
    "frozen": database.frozen,
    "worker-cut": database.cut_worker,
    "commit-cut": database.doubt,
    "keys-away": database.keys_away,
    "connections": database.no_connections,
    "files-full": disk.files_full,
    "database-full": disk.database_full,
}
CLOCK = "clock"
NAMES = (*TRIALS, CLOCK)
_NEEDS_MOUNT = {"files-full", "database-full"}


def try_one(name: str, weather: Weather, clock: Path) -> Trial:
    """A trial that itself breaks down has failed."""
    if name in _NEEDS_MOUNT and not disk.may_mount():
        return Trial(name, "a disk of its own, which takes the right to mount", "not tried: no such right")
    try:
        return clocks.jump(weather, clock) if name == CLOCK else TRIALS[name](weather)
    except Exception as problem:
        return Trial(name, "to be seen through", "broke down", [f"{type(problem).__name__}: {problem}"])

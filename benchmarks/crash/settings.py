"""The installation's own settings, with a clock that a trial may set: only ever used by benchmarks.crash.

Loket asks one function for the time (loket.kernel.clock). Here it adds the seconds that stand in the file
LOKET_BENCH_CLOCK, read at every call, so that the clock of a running process jumps. PostgreSQL's clock and
the timetable of periodic jobs stay as they are.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loket.config.settings import *  # noqa: F403
from loket.kernel import clock

_FILE = Path(os.environ.get("LOKET_BENCH_CLOCK", "/nonexistent"))


def _now() -> datetime:
    offset = 0.0
    with suppress(OSError, ValueError):
        offset = float(_FILE.read_text())
    return datetime.now(UTC) + timedelta(seconds=offset)


clock.now = _now

"""Programs of an installation: started, stopped and killed by their number, and what they cost.

What a program costs is read from /proc, its children included: those that live, and those that ended and were
waited for. So a benchmark runs on Linux.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 20.0
_POLL = 0.02
_TAIL = 1500


class ProgramEnded(RuntimeError):
    """A program ended by itself, or was not ready in time; the message has its last words."""


@dataclass(slots=True)
class Program:
    """One program with its children, in a group of its own. What it says goes to `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    ready: Callable[[], bool] = lambda: True
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ProgramEnded(f"the {self.name} was never started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pids(self) -> tuple[int, ...]:
        """Its own number first, then those of its children."""
        return tuple(family(self.pid)) if self.running else ()

    def start(self, patience: float = 60.0) -> None:
        """Starts it and waits until it is ready. Raises ProgramEnded."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process, end = self._process, time.monotonic() + patience
        while not self.ready():
            if process.poll() is not None or time.monotonic() > end:
                raise ProgramEnded(f"the {self.name} did not start. Its last words:\n{self.last_words()}")
            time.sleep(_POLL)

    def stop(self, patience: float = _PATIENCE) -> int:
        """Asks it to end, and ends it after `patience` seconds; its exit code."""
        if self._process is None:
            return 0
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()
        return int(self._process.returncode)

    def kill(self) -> None:
        """SIGKILL to it and to all its children at once."""
        if self._process is None:
            return
        kill_all(family(self._process.pid) if self.running else ())
        # Children whose parent went before them are found by their group.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-_TAIL:] if self.log.exists() else ""


def kill_all(pids: Sequence[int] | Iterator[int]) -> None:
    for pid in tuple(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def family(pid: int) -> Iterator[int]:
    """The number itself and those of its living children, theirs included."""
    parents: dict[int, list[int]] = {}
    for process in _numbers():
        found = _stat(process)
        if found:
            parents.setdefault(int(found[1]), []).append(process)
    waiting = [pid]
    while waiting:
        one = waiting.pop(0)
        yield one
        waiting += parents.get(one, ())


def cpu_seconds(pid: int) -> float:
    """User and system time of a program and its children so far, those that ended included."""
    ticks = 0
    for one in family(pid):
        found = _stat(one)
        if found:
            # utime, stime, and those of children that were waited for.
            ticks += sum(int(part) for part in found[11:15])
    return ticks / _TICKS


@dataclass(frozen=True, slots=True)
class Memory:
    """In MB. `proportional` shares out what several processes hold together."""

    resident: float
    proportional: float
    peak: float


def memory(pid: int) -> Memory:
    status = _lines(Path(f"/proc/{pid}/status"))
    rollup = _lines(Path(f"/proc/{pid}/smaps_rollup"))
    return Memory(
        resident=status.get("VmRSS", 0) / 1024,
        proportional=rollup.get("Pss", 0) / 1024,
        peak=status.get("VmHWM", 0) / 1024,
    )


def forget_peak(pid: int) -> None:
    """Lets the kernel count the peak of a process's memory from now on, where it may."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def started_with(mark: bytes) -> Iterator[int]:
    """Processes whose environment holds the entry `mark`."""
    for pid in _numbers():
        with suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                yield pid


def _numbers() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def _stat(pid: int) -> list[str]:
    """What /proc says from the state on: the name before it may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _lines(path: Path) -> dict[str, int]:
    """`Name: 123 kB` lines."""
    found = {}
    with suppress(OSError):
        for line in path.read_text().splitlines():
            name, _, value = line.partition(":")
            if value.endswith(" kB"):
                found[name] = int(value.split()[0])
    return found

"""Runs a few programs as children: starts them, restarts the dead with back-off, stops them all together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

_TICK = 0.2
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
# Who lived this long was well; the next death counts as the first.
_WELL_AFTER = 60.0
_PATIENCE = 15.0
_SET_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(slots=True)
class Child:
    """One program. `name` is for people."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    start_again: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        # Its own session: Ctrl-C in the terminal reaches only us, and its own children can be swept by group.
        self.process = subprocess.Popen(  # noqa: S603
            self.command, env=dict(environment), start_new_session=True, preexec_fn=end_with_parent
        )
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def sweep(self, number: signal.Signals) -> None:
        """Signals the whole group, workers whose parent died included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


@dataclass(slots=True)
class Supervisor:
    """Keeps its children running until told to stop. `say` tells people what happens."""

    children: Sequence[Child]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    _stopping: bool = field(default=False, init=False)

    def start(self) -> None:
        """Starts all; from now on SIGTERM and SIGINT stop them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        for child in self.children:
            child.start(self.environment)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Whether it became ready in time; gives up as soon as a child dies or a signal comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._stopping and all(child.running for child in self.children):
            if ready():
                return True
            time.sleep(_TICK)
        return False

    @property
    def stopping(self) -> bool:
        return self._stopping

    def run(self) -> None:
        """Watches until a signal comes, then stops all."""
        try:
            while not self._stopping:
                for child in self.children:
                    self._look_after(child)
                time.sleep(_TICK)
        finally:
            self.stop()

    def stop(self) -> None:
        """Asks all to end, and ends those that don't."""
        for child in self.children:
            if child.running and child.process is not None:
                child.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _PATIENCE
        while any(child.running for child in self.children) and time.monotonic() < end:
            time.sleep(_TICK / 2)
        for child in self.children:
            child.sweep(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()

    def _look_after(self, child: Child) -> None:
        if child.running:
            return
        now = time.monotonic()
        if child.start_again == 0.0:
            child.sweep(signal.SIGKILL)
            child.deaths = 1 if now - child.started > _WELL_AFTER else child.deaths + 1
            wait = min(_FIRST_WAIT * 2 ** (child.deaths - 1), _LONGEST_WAIT)
            child.start_again = now + wait
            code = child.process.returncode if child.process else None
            self.say(f"The {child.name} ended by itself ({code}); starting it again in {wait:.0f} s.")
        elif now >= child.start_again:
            child.start_again = 0.0
            child.start(self.environment)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def end_with_parent() -> None:
    """In the child: ask Linux for SIGTERM when the parent is killed, so that nothing is left behind."""
    if _LIBC is not None:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)

"""The supervisor: real programs, killed and stopped."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loket.config import supervisor
from loket.config.supervisor import Child, Supervisor


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _child(folder: Path, name: str, *, stubborn: bool = False) -> Child:
    """A program that writes down each start and then waits; a stubborn one ignores SIGTERM."""
    program = (
        "import os, signal, sys, time\n"
        + ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else "")
        + "open(sys.argv[1], 'a').write(f'{os.getpid()}\\n')\ntime.sleep(60)\n"
    )
    return Child(name, [sys.executable, "-c", program, str(folder / name)])


def _starts(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _until(true: threading.Event, condition: object) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if callable(condition) and condition():
            true.set()
            return
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_dead_child_is_started_again_and_all_end_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_WAIT", 0.2)
    said: list[str] = []
    watched = Supervisor([_child(tmp_path, "web"), _child(tmp_path, "worker")], os.environ, said.append)
    watched.start()
    assert watched.wait_until(lambda: bool(_starts(tmp_path, "web") and _starts(tmp_path, "worker")), 20)
    done = threading.Event()

    def upset() -> None:
        os.kill(_starts(tmp_path, "web")[0], signal.SIGKILL)
        _until(done, lambda: len(_starts(tmp_path, "web")) == 2)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=upset).start()
    watched.run()
    assert done.is_set()
    assert len(_starts(tmp_path, "worker")) == 1
    assert any("web ended by itself (-9)" in line for line in said)
    assert not any(_alive(pid) for name in ("web", "worker") for pid in _starts(tmp_path, name))


def test_a_child_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.3)
    watched = Supervisor([_child(tmp_path, "stubborn", stubborn=True)], os.environ, lambda line: None)
    watched.start()
    assert watched.wait_until(lambda: bool(_starts(tmp_path, "stubborn")), 20)
    watched.stop()
    assert not _alive(_starts(tmp_path, "stubborn")[0])


def test_waiting_ends_when_a_child_dies_before_it_is_ready() -> None:
    watched = Supervisor([Child("web", [sys.executable, "-c", ""])], os.environ, lambda line: None)
    watched.start()
    begun = time.monotonic()
    assert not watched.wait_until(lambda: False, 30)
    assert time.monotonic() - begun < 20
    watched.stop()


def test_deaths_in_a_row_wait_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_WAIT", 0.01)
    said: list[str] = []
    child = Child("web", [sys.executable, "-c", ""])
    watched = Supervisor([child], os.environ, said.append)
    watched.start()
    end = time.monotonic() + 20
    while child.deaths < 3 and time.monotonic() < end:
        watched._look_after(child)
        time.sleep(0.01)
    assert child.deaths == 3
    assert child.start_again - time.monotonic() > 0.01
    watched.stop()

"""A new release under load: one that does not start, a server started again, one that ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

import pytest

from loket.config import demo
from tests.weather.load import Load, until
from tests.weather.server import Loket, free_port, running, server_environment

pytestmark = pytest.mark.prove

# What systemd does: the socket becomes number 3, and the variables name the process that is to take it.
_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def test_a_release_that_does_not_start_replaces_nobody(loket: Loket) -> None:
    """Its own server, on the same databases, whose application turns out to be broken after the start."""
    with started(loket) as server:
        (server.folder / "broken").touch()
        before = set(server.workers())
        load = Load(server.port, "/en/")
        with load.going_on():
            os.kill(server.process.pid, signal.SIGHUP)
            until(lambda: server.log().count("did not start") >= 2)
        assert load.failed == []
        assert set(server.workers()) == before


def test_starting_again_on_systemd_s_socket_fails_no_request(loket: Loket) -> None:
    held = socket.create_server(("127.0.0.1", 0))
    load = Load(int(held.getsockname()[1]), "/en/")
    with started(loket, held) as first, ExitStack() as later, load.going_on():
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(20) == 0
        answered = load.answered
        later.enter_context(started(loket, held))
        until(lambda: load.answered > answered + 20)
    held.close()
    assert load.failed == []


def test_a_server_told_to_end_is_first_not_ready_and_goes_on(loket: Loket) -> None:
    with started(loket, drain=8) as server:
        load = Load(server.port, "/en/")
        with load.going_on():
            server.process.send_signal(signal.SIGTERM)
            until(lambda: _status(server.port, "/ready") == 503)
            assert _status(server.port, "/live") == 200
            answered = load.answered
            # Within the eight seconds in which it goes on.
            until(lambda: load.answered > answered, 6)
            assert load.failed == []
            load.stop.set()
            assert server.process.wait(20) == 0


@pytest.fixture(scope="module")
def loket() -> Iterator[Loket]:
    """The databases; each test starts servers of its own on them."""
    with running() as found:
        yield found


@contextmanager
def started(loket: Loket, held: socket.socket | None = None, drain: float = 0.5) -> Iterator[Loket]:
    """Another server on the databases of `loket`; broken from the next start of a worker on, once told so."""
    folder = loket.folder / f"server-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import pathlib, sys\n"
        f"if pathlib.Path({str(folder / 'broken')!r}).exists():\n"
        "    sys.modules['loket.config.wsgi'] = None\n"
    )
    environment = server_environment(loket.cluster, loket.main, loket.keys, loket.folder, loket.secrets)
    environment["PYTHONPATH"] += f":{folder}"
    port = int(held.getsockname()[1]) if held else free_port()
    command = demo.web_command("127.0.0.1", port, 2, drain)
    if held:
        os.set_inheritable(held.fileno(), True)
        command = [sys.executable, "-c", _AS_SYSTEMD, str(held.fileno()), *command[1:]]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True,
            pass_fds=[held.fileno()] if held else [],
        )  # fmt: skip
    server = Loket(folder, loket.cluster, loket.main, loket.keys, port, process, loket.secrets)
    try:
        until(lambda: demo.answers("127.0.0.1", port))
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse().status

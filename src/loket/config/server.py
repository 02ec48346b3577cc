"""The web server's main process: granian, on a listening socket that outlives its workers.

granian by itself lets every worker bind a socket of its own (SO_REUSEPORT); what waits in it is lost when the
worker ends. Here the main process holds one socket, its own or systemd's, and all workers accept from it: a
worker that is replaced, or the whole server that is started again under systemd's socket, refuses nobody.

    SIGHUP   replaces the workers one by one by the code on the disk; one that doesn't start replaces nobody
    SIGTERM  stops being ready, goes on for `--drain` seconds, finishes what it has, ends
"""

import json
import multiprocessing
import os
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import click
from granian._granian import SocketHolder
from granian._internal import load_target
from granian.constants import Interfaces
from granian.log import LogLevels, logger
from granian.server.mp import MPServer, WorkerProcess

from loket.config import environment
from loket.config.supervisor import end_with_parent
from loket.web import draining
from loket.web.crowd.line import THREADS

_LOGS = Path(__file__).parent / "granian_logs.json"
APPLICATION = "loket.config.wsgi:application"
_BACKLOG = 1024
# A worker that has not loaded its code by then never will.
_START_SECONDS = 90
# A request that still runs after that is a fault; the database rolls back what it had begun.
_FINISH_SECONDS = 30
# Whoever keeps a connection open has sent another request by then and was told to take a new one.
_REPLACED_SECONDS = 1.5
_CLOSED_SECONDS = 0.3
# A worker that is told to accept nobody any more does so as soon as it comes to run.
_HEED_SECONDS = 10
# How often a worker is started in the place of one that is gone, before the whole server gives up.
_TRIES = 3
_UNREADY, _CLOSED = signal.SIGUSR1, signal.SIGUSR2


class Server(MPServer):
    """Workers on a socket that we hold. `drain` is how long they go on, not ready, before they end."""

    def __init__(self, held: socket.socket, drain: float, **options: Any) -> None:
        super().__init__(APPLICATION, interface=Interfaces.WSGI, **options)
        self._held, self._drain = held, drain
        self._voices: dict[int, Connection] = {}

    def run(self) -> None:
        self.serve(spawn_target=_run_worker, target_loader=_load, wrap_loader=False)

    def _init_shared_socket(self) -> None:
        self._ssp, self._shd, self._sso = None, None, self._held

    def _drop_shared_socket(self) -> None:
        """It stays open until all have ended, for another server may go on with it."""

    def _spawn_worker(  # type: ignore[override]  # as granian's own servers do
        self, idx: int, target: Any, callback_loader: Any
    ) -> WorkerProcess:
        hears, tells = multiprocessing.Pipe(duplex=False)
        worker = super()._spawn_worker(idx, target, partial(callback_loader, self._held, tells))
        self._voices[id(worker)] = hears
        return worker

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        """A new one takes over when it has loaded; until then, and if it never does, the old one goes on."""
        for idx in workers:
            old = self.wrks[idx]
            new = self._loaded(idx, old, spawn_target, target_loader)
            if new is None:
                if not old.is_alive():
                    # Nobody is left in its place, try as we may: granian ends the server for it.
                    self.respawned_wrks[idx] = time.monotonic()
                    self.interrupt_children.append(idx)
                continue
            new.interrupt_by_parent = False
            self.wrks[idx] = new
            if old.is_alive():
                _tell([old], _UNREADY)
                self._close([old])
                time.sleep(_REPLACED_SECONDS)
            self._voices.pop(id(old), None)
            old.terminate()
            old.join(_FINISH_SECONDS)
            if old.is_alive():
                old.kill()
                old.join()
        self._wake_for_what_came_meanwhile()

    def _loaded(
        self, idx: int, old: WorkerProcess, spawn_target: Any, target_loader: Any
    ) -> WorkerProcess | None:
        """A new worker that has loaded; None where none does, which is tried again if it replaces nobody."""
        for _ in range(_TRIES):
            new = self._spawn_worker(idx=idx, target=spawn_target, callback_loader=target_loader)
            # While it starts, its end is no news to the main loop.
            new.interrupt_by_parent = True
            new.start()
            if self._has_loaded(new):
                return new
            logger.error("worker %s did not start", idx + 1)
            new.kill()
            self._voices.pop(id(new), None)
            if old.is_alive():
                return None
        return None

    def _wake_for_what_came_meanwhile(self) -> None:
        """granian empties its list of ended workers, and lowers its flag, a moment after it looked at them.

        Who ended, or what was signalled, in that moment would be forgotten. A worker may thereby be replaced
        once more than it must, which nobody notices.
        """
        for idx, worker in enumerate(self.wrks):
            if not worker.is_alive() and idx not in self.interrupt_children:
                self.interrupt_children.append(idx)
        if self.interrupt_children or self.interrupt_signal or self.reload_signal:
            self.main_loop_interrupt.set()

    def _has_loaded(self, worker: WorkerProcess) -> bool:
        voice, end = self._voices[id(worker)], time.monotonic() + _START_SECONDS
        while worker.is_alive() and time.monotonic() < end:
            if voice.poll(0.1):
                return bool(_heard(voice))
        return False

    def _stop_workers(self) -> None:
        alive = [worker for worker in self.wrks if worker.is_alive()]
        if alive and self._drain:
            _tell(alive, _UNREADY)
            self._wait(self._drain)
            # What was accepted has its request read before granian lets go of connections.
            self._close(alive)
            time.sleep(_CLOSED_SECONDS)
        super()._stop_workers()

    def _close(self, workers: Sequence[WorkerProcess]) -> None:
        """Has them accept nobody any more; returns when they say so, which a busy machine may delay."""
        voices = [self._voices[id(worker)] for worker in workers]
        for voice in voices:
            # What it said when it had loaded, where nobody waited for that.
            while voice.poll() and _heard(voice):
                continue
        _tell(workers, _CLOSED)
        end = time.monotonic() + _HEED_SECONDS
        for voice in voices:
            voice.poll(max(0.0, end - time.monotonic()))

    def _wait(self, seconds: float) -> None:
        """A second signal ends the waiting."""
        self.main_loop_interrupt.clear()
        self.main_loop_interrupt.wait(seconds)


def _heard(voice: Connection) -> bytes:
    """What a worker said; nothing where it ended without a word."""
    try:
        return voice.recv_bytes()
    except EOFError:
        return b""


def _tell(workers: Sequence[WorkerProcess], *signals: signal.Signals) -> None:
    for worker in workers:
        for number in signals:
            try:
                os.kill(worker._id(), number)
            except ProcessLookupError:
                continue


def _run_worker(worker_id: int, process_name: str, loader: Any, sock: Any, *rest: Any) -> None:
    """In a worker: granian's own, on our socket, whose number may be another one here."""
    held: socket.socket = sock[1]
    holder = SocketHolder(held.fileno(), False, _BACKLOG)  # type: ignore[call-arg]
    given = ((None, holder), held)
    MPServer._spawn_wsgi_worker(worker_id, process_name, loader, given, *rest)


def _load(held: socket.socket, voice: Connection) -> Callable[..., Any]:
    """In a worker: the application; says so when it is there, and listens for what the main process says."""
    end_with_parent()
    application: Callable[..., Any] = load_target(APPLICATION)

    def unready(number: int, frame: FrameType | None) -> None:
        draining.begin()

    def closed(number: int, frame: FrameType | None) -> None:
        accept_no_more(held)
        voice.send_bytes(b"closed")

    signal.signal(_UNREADY, unready)
    signal.signal(_CLOSED, closed)
    voice.send_bytes(b"loaded")
    return application


def accept_no_more(held: socket.socket) -> None:
    """This process's hold on the listening socket becomes one on a socket that nobody knows.

    granian has no way to stop accepting while it answers what it has: told to end, it drops connections whose
    request it has not read yet. So the socket is exchanged under it. Does nothing where /proc is missing.
    """
    unknown = socket.create_server(("127.0.0.1", 0))
    unknown.setblocking(False)
    same = os.fstat(held.fileno())
    folder = Path("/proc/self/fd")
    for name in os.listdir(folder) if folder.is_dir() else ():
        try:
            found = os.fstat(int(name))
        except OSError:
            continue
        if stat.S_ISSOCK(found.st_mode) and (found.st_dev, found.st_ino) == (same.st_dev, same.st_ino):
            os.dup2(unknown.fileno(), int(name))


def listening(host: str, port: int) -> socket.socket:
    """systemd's socket where it passed one on (LISTEN_FDS), otherwise a new one."""
    given = environment.passed_socket()
    if given is not None:
        return socket.socket(fileno=given)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=int)
@click.option("--workers", default=2, type=int)
@click.option("--drain", default=0.0, type=float)
def main(host: str, port: int, workers: int, drain: float) -> None:
    """What `loket serve` becomes."""
    # Each worker is a fresh interpreter, which reads its code anew.
    multiprocessing.set_start_method("spawn")
    held = listening(host, port)
    held.setblocking(False)
    # Inherited by every connection: a page leaves as head and body, and the body would otherwise wait for the
    # browser's word about the head, which comes 40 ms late.
    held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Read by the C library when a worker starts: with an arena for each of its many threads it would keep far
    # more memory than it uses.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    with tempfile.NamedTemporaryFile(prefix="loket-crowd-") as board:
        os.environ["LOKET_CROWD_BOARD"] = board.name
        _server(held, drain, host, port, workers).run()


def _server(held: socket.socket, drain: float, host: str, port: int, workers: int) -> Server:
    return Server(
        held,
        drain,
        address=host,
        port=port,
        workers=workers,
        # Most of them only wait for their turn (loket.web.crowd.gate).
        blocking_threads=THREADS,
        websockets=False,
        backlog=_BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=_FINISH_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=json.loads(_LOGS.read_text(encoding="utf-8")),
    )


if __name__ == "__main__":
    main()

"""A wire to the database that is slow, silent, or cut, also just when a transaction commits."""

import socket
import threading
import time
from contextlib import suppress
from random import Random

_COMMIT = b"COMMIT"


class Relay:
    """Listens on `port`, passes everything on to `target`.

    `delay`: seconds by which everything sent is late. `doubt`: the share of commits at which the wire is cut,
    half of them after the commit was passed on, so that only its answer is lost.
    """

    def __init__(self, target: int, seed: int = 1) -> None:
        self.target, self.delay, self.doubt = target, 0.0, 0.0
        self.doubted = 0
        self._by = Random(seed)
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.mend()

    def mend(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Refuses and drops everything until it is mended."""
        if self._listener is not None:
            _close(self._listener)
            self._listener = None
        self.drop()

    def drop(self) -> None:
        """Drops what is connected now."""
        for wire in list(self._open):
            _close(wire)
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                except OSError:
                    _close(near)
                    continue
                far.settimeout(None)
                for wire in (near, far):
                    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open |= {near, far}
                for one, other, up in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pass_on, args=(one, other, up), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if up and self.delay:
                    time.sleep(self.delay)
                if up and self.doubt and _COMMIT in data and self._by.random() < self.doubt:
                    self.doubted += 1
                    if self._by.random() < 0.5:
                        other.sendall(data)
                        # Long enough for the database to have read it.
                        time.sleep(0.02)
                    break
                other.sendall(data)
        for wire in (one, other):
            self._open.discard(wire)
            _close(wire)


def _close(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
    wire.close()

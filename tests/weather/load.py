"""Steady load by clients that keep their connections open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, RemoteDisconnected

_CLIENTS = 6


@dataclass(slots=True)
class Load:
    """Clients that keep their connections open and ask one thing after another; what went wrong for them."""

    port: int
    path: str
    answered: int = 0
    parted: int = 0
    again: int = 0
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        used = False
        while not self.stop.is_set():
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
            except (RemoteDisconnected, ConnectionResetError, BrokenPipeError) as problem:
                # A server may close an idle connection just when it is used again: browsers and proxies then
                # ask once more on a new one (RFC 9110, 9.2.2). On a new one there is no such excuse.
                if not used:
                    self.failed.append(repr(problem))
                self.again, used = self.again + used, False
                connection.close()
                continue
            except (OSError, HTTPException) as problem:
                self.failed.append(repr(problem))
                connection.close()
                used = False
                continue
            used = answer.headers.get("Connection") != "close"
            if answer.status != 200:
                self.failed.append(str(answer.status))
            self.answered += 1
            self.parted += answer.headers.get("Connection") == "close"
        connection.close()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.run) for _ in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(0.5)
            yield
            time.sleep(0.5)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()


def until(done: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)

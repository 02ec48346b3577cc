"""Many at once over kept connections, against a server that is sometimes too busy."""

import socket
import threading
from contextlib import suppress

import pytest

from benchmarks import visits
from benchmarks.wire import BadAnswer, drive

_FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_BROKEN = b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"


def _server(answers: list[bytes]) -> tuple[socket.socket, int]:
    """Answers in this order, the last one for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    lock = threading.Lock()

    def attend(connection: socket.socket) -> None:
        # The crowd goes home when its time is over, whatever is under way.
        with connection, suppress(OSError):
            while connection.recv(65536):
                with lock:
                    answer = answers.pop(0) if len(answers) > 1 else answers[0]
                connection.sendall(answer)
                if b"close" in answer:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=attend, args=[connection], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listening, listening.getsockname()[1]


def test_who_is_turned_away_comes_again_and_is_not_counted() -> None:
    listening, port = _server([_FINE, _BUSY, _BUSY, _FINE])
    with listening:
        driven = drive(port, 2, 1.2, lambda: visits.one_page("/", "page", {}))
    assert driven.turned_away == 2
    assert len(driven.visits) == len(driven.answered) == len(driven.steps["page"])
    assert len(driven.visits) > 2


def test_a_fault_of_the_server_ends_the_bench() -> None:
    listening, port = _server([_FINE, _BROKEN])
    with listening, pytest.raises(BadAnswer, match="500"):
        drive(port, 2, 1.0, lambda: visits.one_page("/", "page", {}))


def test_a_server_that_is_always_busy_keeps_nobody_for_ever() -> None:
    listening, port = _server([_BUSY])
    with listening:
        driven = drive(port, 2, 0.6, lambda: visits.one_page("/", "page", {}))
    assert (driven.visits, driven.turned_away >= 2) == ([], True)

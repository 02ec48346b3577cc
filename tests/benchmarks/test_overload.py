"""What the overload counts: an application that serves nobody, loses answers, or fails is seen to do so."""

import socket
import threading
from collections.abc import Callable

from benchmarks import visits
from benchmarks.overload import GOALS, met
from benchmarks.overloading import Crowd, Order, Person, Seen
from benchmarks.wire import Answer, Browser, parsed

_PAGE = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s"
Answers = Callable[[bytes, int], bytes]


def answer(status: bytes, body: bytes = b"", headers: bytes = b"") -> bytes:
    return _PAGE % (status, len(body), headers, body)


def waiting(body: bytes = b"wait") -> bytes:
    return answer(b"503 Busy", body, b"Retry-After: 1\r\nSet-Cookie: loket-place=1.x; Path=/\r\n")


def journeys(head: bytes, number: int) -> bytes:
    """Serves everybody, from the start to the confirmation."""
    base = b"/en/apply/county-revenue/social-assistance/"
    path = head.split(b" ")[1]
    if head.startswith(b"GET"):
        return found(base + b"person/") if path == base else answer(b"200 OK", b"page")
    after = {b"person/": b"household/", b"household/": b"check/", b"check/": b"done/"}
    return found(base + after[path.removeprefix(base)])


def found(where: bytes) -> bytes:
    return answer(b"302 Found", b"", b"Location: " + where + b"\r\n")


def come(answers: Answers) -> Seen:
    """A second of 20 people at a server that answers so."""
    served: list[int] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(line: socket.socket) -> None:
        with line:
            received = b""
            while got := line.recv(65536):
                received += got
                # Read as an answer is, which has its length in the same place.
                if parsed(b"HTTP/1.1 200 " + received) is not None:
                    served.append(1)
                    line.sendall(answers(received, len(served)))
                    received = b""

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port = int(listener.getsockname()[1])
    try:
        return Crowd(Order(port, "social-assistance", 20, 1.2, 0.02, 1.0)).come()
    finally:
        listener.close()


def test_everybody_served_is_counted_so() -> None:
    seen = come(journeys)
    assert seen.arrived > 10
    assert seen.finished == seen.let_in == seen.arrived
    assert (seen.told_to_wait, seen.faults, seen.unfinished) == (0, 0, 0)
    assert seen.recovered_after >= 0


def test_nobody_served_never_recovers_and_all_wait() -> None:
    seen = come(lambda head, number: waiting())
    assert (seen.let_in, seen.finished, seen.recovered_after) == (0, 0, -1.0)
    assert seen.told_to_wait >= seen.arrived


def test_a_fault_and_answers_that_are_lost_are_found() -> None:
    def failing(head: bytes, number: int) -> bytes:
        return answer(b"500 Oh") if number % 7 == 0 else journeys(head, number)

    def losing(head: bytes, number: int) -> bytes:
        return waiting() if b"q-given_name" in head and number % 3 else journeys(head, number)

    assert come(failing).faults
    seen = come(losing)
    assert 0 < seen.answers_missing == seen.answers_sent_back


def test_a_later_ticket_let_in_first_is_found() -> None:
    crowd = Crowd(Order(0, "social-assistance", 1, 1, 0, 1))
    again, page = Answer(503, b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n", b""), Answer(302, b"", b"")
    early, late = person(10.0), person(14.0)
    for one in (early, late):
        crowd._answered(one, again, one.came)
    crowd._answered(early, again, 18.0)
    assert crowd.seen.overtaken == 0
    crowd._answered(late, page, 18.0)
    crowd._answered(early, again, 25.0)
    assert (crowd.seen.told_to_wait, crowd.seen.overtaken) == (4, 1)


def person(came: float) -> Person:
    browser = Browser("10.0.0.1")
    visit = visits.applying("social-assistance", browser, "a@example.org")
    return Person(came, browser, visit, next(visit))


def test_goals_are_met_or_not() -> None:
    good = {key: bound for key, (_, bound) in GOALS.items()}
    assert all(met(good).values())
    for key, (word, bound) in GOALS.items():
        worse = bound + 0.1 if word == "at most" else bound - 0.1
        assert not met(good | {key: worse})[key]

"""A web worker has many threads and few connections: a request gives its own back for the next one."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import DatabaseError, close_old_connections, connection, connections, transaction

from loket.config.postgres import base

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sharing() -> Iterator[None]:
    asked()  # This thread has one of its own, before.
    base.share_among_threads()
    yield
    base.stop_sharing()


def asked(sql: str = "SELECT pg_backend_pid()") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def in_a_thread(work: Callable[[], Any]) -> Any:
    """As a request in a thread of its own: what it gives, or the error it ended with."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except DatabaseError as error:
            found.append(error)
        finally:
            close_old_connections()
            if base._idle is None:
                connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_threads_one_after_the_other_use_one_connection() -> None:
    assert len({in_a_thread(asked) for _ in range(12)}) == 1


def test_threads_at_a_time_have_one_each_and_give_them_back() -> None:
    both = threading.Barrier(2)

    def work() -> Any:
        mine = asked()
        both.wait(10)
        return mine

    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(in_a_thread(work))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2
    assert {in_a_thread(asked) for _ in range(6)} <= set(found)


def test_one_that_the_server_ended_is_not_handed_on() -> None:
    first = in_a_thread(asked)
    assert asked(f"SELECT pg_terminate_backend({first}, 5000)")
    second = in_a_thread(asked)
    assert second != first
    assert in_a_thread(asked) == second


def test_one_with_a_failed_statement_or_an_open_transaction_is_not_handed_on() -> None:
    first = in_a_thread(asked)
    assert isinstance(in_a_thread(lambda: asked("SELECT nothing")), DatabaseError)
    second = in_a_thread(asked)
    assert second != first

    def leaves_open() -> Any:
        transaction.atomic().__enter__()
        pid = asked()
        connections["default"].close()
        return pid

    assert in_a_thread(leaves_open) == second
    assert in_a_thread(asked) != second


def test_the_end_of_a_request_gives_it_back() -> None:
    assert any(receiver() is close_old_connections for (*_, receiver, _is_async) in _receivers())
    base.stop_sharing()
    assert in_a_thread(asked) != in_a_thread(asked), "each thread has its own where nothing is shared"


def _receivers() -> list[Any]:
    return list(request_finished.receivers)

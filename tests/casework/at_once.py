"""Several people at the same moment, each with a database connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(*doings: Callable[[], T]) -> list[T | Exception]:
    """What came of each: its result, or what it raised. Needs a test with `transaction=True`."""
    barrier = Barrier(len(doings))

    def run(doing: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait(timeout=10)
            return doing()
        except Exception as raised:
            return raised
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(run, doings))

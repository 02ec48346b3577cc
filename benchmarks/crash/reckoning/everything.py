"""All of it, in order."""

from collections.abc import Sequence

from benchmarks.crash.book import Book
from benchmarks.crash.findings import Check
from benchmarks.crash.reckoning import applications, files, messages, money, record


def reckon(book: Book, taken: Sequence[str], worker_deaths: int) -> list[Check]:
    """`taken`: the Message-ID of every mail that arrived; `worker_deaths`: how often a worker died."""
    return [
        *applications.checks(book),
        *messages.checks(taken, worker_deaths),
        *money.checks(book),
        *files.checks(book),
        *record.checks(),
    ]

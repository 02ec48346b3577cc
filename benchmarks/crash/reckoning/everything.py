"""All of it, in order."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.crash.book import Book
from benchmarks.crash.findings import Check
from benchmarks.crash.reckoning import applications, decisions, files, messages, money, record


def reckon(book: Book, taken: Sequence[str], worker_deaths: int, notes: Path) -> list[Check]:
    """`taken`: the Message-ID of every mail that arrived; `worker_deaths`: how often a worker died.

    `notes`: what officers wrote down of their decisions.
    """
    return [
        *applications.checks(book),
        *decisions.checks(notes),
        *messages.checks(taken, worker_deaths),
        *money.checks(book),
        *files.checks(book),
        *record.checks(),
    ]

"""Crashes: a process that stops between two lines of payments, wherever that is."""

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import loket.payments

T = TypeVar("T")
_HOME = Path(loket.payments.__file__).parent
# What providers keep on their side doesn't crash with us.
_ELSEWHERE = str(_HOME / "providers")


class Crash(BaseException):
    """Like a power cut: nobody catches it, and the database rolls back what was not committed."""


@cache
def _openings(file: str) -> frozenset[int]:
    """The lines on which a `with` opens. Python comes back to them to close it.

    An exception that a tracer raises there leaves it open for good: no crash of a process ends like that,
    and the next test would inherit its transaction.
    """
    return frozenset(
        line
        for node in ast.walk(ast.parse(Path(file).read_text()))
        if isinstance(node, ast.With)
        for line in range(node.lineno, node.body[0].lineno)
    )


def crashing_at(line: int, doing: Callable[[], T]) -> tuple[T | None, bool]:
    """Does it, and stops it before the n-th line of payments that it would run, or soon after; 0: never.

    What it gave, and whether it was stopped.
    """
    if not line:
        return doing(), False
    left = line

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0 and frame.f_lineno not in _openings(frame.f_code.co_filename):
                raise Crash
        return at_line

    def at_call(frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        return at_line if file.startswith(str(_HOME)) and not file.startswith(_ELSEWHERE) else None

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        return doing(), False
    except Crash:
        return None, True
    finally:
        sys.settrace(before)

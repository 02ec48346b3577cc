"""A file to append to, best on a disk that the database's administrators can't write (`file:/path`)."""

import os
from collections.abc import Iterator
from pathlib import Path

from loket.audit.types import WitnessUnavailable

# Where a line left twice would be; reading a whole year's file every minute would be waste.
_TAIL_BYTES = 65_536


class FileWitness:
    def __init__(self, path: Path) -> None:
        self._path = path

    def leave(self, line: str) -> None:
        try:
            with self._path.open("a+b") as kept:
                kept.seek(max(0, kept.tell() - _TAIL_BYTES))
                tail = kept.read()
                if line.encode() in tail.split(b"\n"):
                    return
                # A line cut short by a crash must not swallow this one.
                kept.write((b"" if not tail or tail.endswith(b"\n") else b"\n") + line.encode() + b"\n")
                kept.flush()
                os.fsync(kept.fileno())
        except OSError as problem:
            raise WitnessUnavailable(str(problem)) from problem

    def lines(self) -> Iterator[str]:
        try:
            with self._path.open(encoding="utf-8", errors="replace") as kept:
                yield from (line.rstrip("\n") for line in kept)
        except OSError as problem:
            raise WitnessUnavailable(str(problem)) from problem


def witness(address: str) -> FileWitness:
    return FileWitness(Path(address.removeprefix("file:")))

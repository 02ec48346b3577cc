"""The waiting room's memory, shared by the workers of one host: a small file that they all map."""

import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from loket.web.crowd.room import SIZE, Room


class Board:
    """`room` to look at; `held` to change it. Without a path the memory is this process's own."""

    def __init__(self, path: Path | None) -> None:
        self._lock = Lock()
        self._file: int | None = None
        if path is None:
            memory = mmap.mmap(-1, SIZE)
        else:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.ftruncate(self._file, SIZE)
            memory = mmap.mmap(self._file, SIZE)
        self.room = Room(memoryview(memory))

    @contextmanager
    def held(self) -> Iterator[Room]:
        with self._lock:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield self.room
            finally:
                if self._file is not None:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

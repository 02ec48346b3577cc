"""What a process may remember between requests."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The latest `most` values by key, each for at most `seconds` (None: as long as there is room)."""

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._most, self._seconds = most, seconds
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value for `key`, made now unless it is remembered. What `make` raises isn't remembered."""
        now = time.monotonic()
        with self._lock:
            found = self._values.get(key)
            if found is not None and (self._seconds is None or now - found[0] < self._seconds):
                self._values.move_to_end(key)
                return found[1]
        # Outside the lock: two threads may make the same value, but none waits for the other's database.
        value = make()
        with self._lock:
            self._values[key] = (now, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def forget(self) -> None:
        with self._lock:
            self._values.clear()

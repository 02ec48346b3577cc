"""Buckets in this process's memory: for what is too frequent for a statement each, such as answers."""

import math
from collections import OrderedDict
from threading import Lock

from loket.limits.types import Spent


class MemoryBuckets:
    """At most `limit` at once for each key, coming back evenly over `seconds`; remembers `size` keys at most.

    Where there are more keys than that, those used longest ago are forgotten: a limit may then be exceeded,
    and memory never is. Safe to use from several threads.
    """

    def __init__(self, *, limit: int, seconds: float, size: int = 10_000) -> None:
        if limit < 1 or size < 1 or seconds <= 0:
            raise ValueError("limits, sizes and periods are positive")
        self._limit, self._each, self._size = limit, seconds / limit, size
        self._lock = Lock()
        # For each key, how full its bucket was and when; the longest unused first.
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Whether there is one more left. `now` in seconds on any clock that doesn't go back."""
        with self._lock:
            filled, at = self._levels.get(key, (0.0, now))
            level = max(0.0, filled - (now - at) / self._each)
            left = level + 1 <= self._limit
            self._levels[key] = (level + 1 if left else level, now)
            self._levels.move_to_end(key)
            if len(self._levels) > self._size:
                self._levels.popitem(last=False)
            return left

    def spend(self, key: str, now: float) -> Spent:
        """The same as `take`, and how much is then left."""
        allowed = self.take(key, now)
        with self._lock:
            level, _ = self._levels.get(key, (0.0, now))
        left = int(self._limit - level)
        return Spent(
            allowed,
            self._limit,
            left,
            math.ceil(level * self._each),
            math.ceil((level + 1 - self._limit) * self._each),
        )

    def __len__(self) -> int:
        return len(self._levels)

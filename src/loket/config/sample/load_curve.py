"""When people send things: more on weekdays, most before noon and in the evening, least at night."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

# By hour of the office's day.
_HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 28, 36, 38, 34, 26, 28, 30, 28, 24, 20, 18, 20, 22, 16, 8, 3)
# Monday first.
_DAYS = (1.35, 1.15, 1.05, 1.0, 0.95, 0.45, 0.3)


class Curve:
    """The hours from `begin` until `end` with their weights."""

    def __init__(self, begin: datetime, end: datetime, zone: ZoneInfo) -> None:
        self._begin = begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        hours = max(1, int((end - self._begin) / timedelta(hours=1)))
        weights = []
        for hour in range(hours):
            local = (self._begin + timedelta(hours=hour)).astimezone(zone)
            weights.append(_HOURS[local.hour] * _DAYS[local.weekday()])
        self._sums = [0.0, *accumulate(weights)]

    def moment(self, share: float) -> datetime:
        """By when this share of everything was sent; `share` from 0 to below 1."""
        sought = share * self._sums[-1]
        hour = min(bisect_right(self._sums, sought), len(self._sums) - 1) - 1
        within = (sought - self._sums[hour]) / (self._sums[hour + 1] - self._sums[hour])
        return self._begin + timedelta(hours=hour + min(within, 0.999999))

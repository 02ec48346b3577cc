"""Working calendars: which days an office works, and what a term in working days means.

Public holidays come from the `holidays` package (ISO 3166 country and subdivision codes).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

# Nobody promises something further away than this; it bounds every walk over the calendar.
_HORIZON_DAYS = 3660


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days an office works. `country` may be empty (no public holidays).

    `weekend` holds weekday numbers, Monday 0; `closed` the office's own closing days.
    """

    country: str = ""
    subdivision: str = ""
    weekend: frozenset[int] = frozenset({5, 6})
    closed: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() not in self.weekend and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """A public holiday, or a closing day of the office's own."""
        return day in self.closed or day in _public_holidays(self.country, self.subdivision, day.year)

    def add_working_days(self, start: date, days: int) -> date:
        """The last day of a term of `days` working days; the starting day doesn't count.

        Raises OverflowError where the term ends more than ten years away.
        """
        day = start
        for _ in range(_HORIZON_DAYS):
            if days <= 0:
                return day
            day += timedelta(days=1)
            days -= self.is_working(day)
        raise OverflowError("the term ends beyond the calendar's horizon")

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; negative when reversed."""
        if end < start:
            return -self.working_days_between(end, start)
        span = min((end - start).days, _HORIZON_DAYS)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, span + 1))


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str, year: int) -> Collection[date]:
    if not country:
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))

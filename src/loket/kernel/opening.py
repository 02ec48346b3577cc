"""When a place is open: hours by weekday, days it is closed, public holidays. Local times, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from loket.kernel.calendars import WorkingCalendar

# Whoever is closed for longer than this has no opening worth telling.
_HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `opens` up to, not including, `closes`, within one day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed from `first` through `last`, and why."""

    first: date
    last: date
    reason: Mapping[str, str]

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class DaysAlike:
    """Weekdays in a row (Monday 0) with the same hours, `first` through `last`."""

    first: int
    last: int
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class DoorState:
    """Open until `changes_at`, or closed until then; None where nothing changes for a long time."""

    is_open: bool
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`week` has seven entries, Monday's first; a day's intervals are in order and don't touch."""

    week: tuple[tuple[Interval, ...], ...] = ((),) * 7
    closures: tuple[Closure, ...] = ()

    @property
    def well_formed(self) -> bool:
        if len(self.week) != 7 or any(closure.last < closure.first for closure in self.closures):
            return False
        for day in self.week:
            ends = [moment for interval in day for moment in (interval.opens, interval.closes)]
            if any(later <= earlier for earlier, later in pairwise(ends)):
                return False
        return True

    def closure_on(self, day: date) -> Closure | None:
        return next((closure for closure in self.closures if closure.covers(day)), None)

    def on(self, day: date, calendar: WorkingCalendar) -> tuple[Interval, ...]:
        """The hours of that day: none on public holidays and while it is closed.

        A weekend of the agency's is no holiday: who opens on Saturdays says so in the week.
        """
        if self.closure_on(day) or calendar.is_holiday(day):
            return ()
        return self.week[day.weekday()]

    def state(self, now: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> DoorState:
        """Whether the doors are open now, and when that changes."""
        local = now.astimezone(zone)
        for interval in self.on(local.date(), calendar):
            if interval.opens <= local.time() < interval.closes:
                return DoorState(True, datetime.combine(local.date(), interval.closes, zone))
        for ahead in range(_HORIZON_DAYS):
            day = local.date() + timedelta(days=ahead)
            for interval in self.on(day, calendar):
                if ahead or interval.opens > local.time():
                    return DoorState(False, datetime.combine(day, interval.opens, zone))
        return DoorState(False, None)

    def days_alike(self) -> tuple[DaysAlike, ...]:
        """The week as people say it: Monday to Friday so, Saturday so. Days without hours are left out."""
        found: list[DaysAlike] = []
        for weekday, intervals in enumerate(self.week):
            if found and found[-1].last == weekday - 1 and found[-1].intervals == intervals:
                found[-1] = DaysAlike(found[-1].first, weekday, intervals)
            elif intervals:
                found.append(DaysAlike(weekday, weekday, intervals))
        return tuple(found)

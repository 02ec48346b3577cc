"""When a term ends."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from loket.kernel.calendars import WorkingCalendar
from loket.workflow.definition import Term

# A day that is promised lasts until its end, not until the minute at which the case arrived.
_END_OF_DAY = time(23, 59, 59)


def deadline(term: Term, start: datetime, calendar: WorkingCalendar, tz: tzinfo) -> datetime:
    """The last moment of `term`, in UTC.

    Working days and days end at 23:59:59 of the last day in the office's own zone `tz`, the starting day
    not counted; hours are counted exactly, by day and by night. `start` must be aware. Raises OverflowError
    where the calendar closes the office for ten years.
    """
    if start.tzinfo is None:
        raise ValueError("a term starts at an aware time")
    if term.hours is not None:
        # In UTC first: adding to a local time counts hours on the wall clock.
        return start.astimezone(UTC) + timedelta(hours=term.hours)
    return datetime.combine(
        _last_day(term, start.astimezone(tz).date(), calendar), _END_OF_DAY, tz
    ).astimezone(UTC)


def _last_day(term: Term, first: date, calendar: WorkingCalendar) -> date:
    if term.working_days is not None:
        return calendar.add_working_days(first, term.working_days)
    return first + timedelta(days=term.days or 0)

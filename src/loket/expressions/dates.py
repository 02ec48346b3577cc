"""Functions of dates. Years and months are counted as people count them, not in days."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from loket.expressions.context import Run
from loket.expressions.faults import ErrorCode, Fault

# Outside these the tables of public holidays say nothing.
_CALENDAR_YEARS = range(1900, 2101)
_CALENDAR_DAYS = 3650


def age(run: Run, born: date) -> int:
    return years_between(run, born, run.context.today)


def today(run: Run) -> date:
    return run.context.today


def now(run: Run) -> datetime:
    return run.context.now


def years_between(run: Run, start: date, end: date) -> int:
    """Whole years; who is born on 29 February completes a year on 1 March."""
    if end < start:
        return -years_between(run, end, start)
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def days_between(run: Run, start: date, end: date) -> int:
    return (end - start).days


def add_days(run: Run, start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise Fault(ErrorCode.OVERFLOW) from None


def add_months(run: Run, start: date, months: int) -> date:
    """The same day of the month, or the month's last day where there is no such day."""
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= years <= date.max.year:
        raise Fault(ErrorCode.OVERFLOW)
    return date(years, month + 1, min(start.day, monthrange(years, month + 1)[1]))


def add_years(run: Run, start: date, years: int) -> date:
    return add_months(run, start, years * 12)


def working_days(run: Run, start: date, end: date) -> int:
    run.charge(abs((end - start).days))
    if abs((end - start).days) > _CALENDAR_DAYS or not {start.year, end.year} <= set(_CALENDAR_YEARS):
        raise Fault(ErrorCode.CALENDAR)
    try:
        return run.context.calendar.working_days_between(start, end)
    except NotImplementedError:  # what `holidays` says about a country it does not know
        raise Fault(ErrorCode.CALENDAR) from None


def add_working_days(run: Run, start: date, days: int) -> date:
    if not 0 <= days <= _CALENDAR_DAYS or start.year not in _CALENDAR_YEARS:
        raise Fault(ErrorCode.CALENDAR)
    run.charge(2 * days)
    try:
        return run.context.calendar.add_working_days(start, days)
    except (NotImplementedError, OverflowError):
        raise Fault(ErrorCode.CALENDAR) from None


def as_date(run: Run, value: str | date | datetime) -> date:
    if isinstance(value, datetime):
        try:
            return run.context.local(value).date()
        except OverflowError:  # the first and the last day there is, in another zone
            raise Fault(ErrorCode.OVERFLOW) from None
    if isinstance(value, date):
        return value
    # Python also reads 20260131 and 2026-W05-6; one spelling is enough for people.
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        raise Fault(ErrorCode.CONVERSION)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Fault(ErrorCode.CONVERSION) from None


def as_datetime(run: Run, value: str | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Fault(ErrorCode.CONVERSION) from None
    if moment.utcoffset() is None:
        raise Fault(ErrorCode.CONVERSION)
    return moment


def year(run: Run, day: date) -> int:
    return day.year


def month(run: Run, day: date) -> int:
    return day.month


def day_of_month(run: Run, day: date) -> int:
    return day.day

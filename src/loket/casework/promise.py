"""The promise: when the agency says it will have decided, and how waiting for the applicant moves it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loket.kernel.calendars import WorkingCalendar
from loket.workflow.definition import Term
from loket.workflow.terms import deadline


def promised_by(term: Term, opened_at: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> datetime:
    """When a case opened at `opened_at` is to be decided. Raises OverflowError as `deadline` does."""
    return deadline(term, opened_at, calendar, zone)


def resumed(
    term: Term,
    due_at: datetime,
    *,
    paused_at: datetime,
    now: datetime,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
) -> datetime:
    """The new due time after the clock stood still from `paused_at` to `now`.

    A promise in working days gets back the working days it had left, the last one to its end; any other is
    moved by the pause. A promise that was broken before the pause stays broken.
    """
    if due_at <= paused_at:
        return due_at
    if term.working_days is None:
        return due_at + (now - paused_at)
    left = calendar.working_days_between(paused_at.astimezone(zone).date(), due_at.astimezone(zone).date())
    if left == 0:
        # It was due later that very day: today if the office works, else on the next day it does.
        return deadline(Term(working_days=1), now - timedelta(days=1), calendar, zone)
    return deadline(Term(working_days=left), now, calendar, zone)

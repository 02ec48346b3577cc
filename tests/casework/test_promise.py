"""The promise: Kenyan working days, and a clock that stands still while the applicant is waited for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loket.casework.promise import promised_by, resumed
from loket.kernel.calendars import WorkingCalendar
from loket.workflow.definition import Term

ZONE, KENYA = ZoneInfo("Africa/Nairobi"), WorkingCalendar("KE")
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(START.__add__)
PAUSES = st.timedeltas(timedelta(0), timedelta(days=60))
WORKING = st.integers(1, 40).map(lambda days: Term(working_days=days))
OTHER = st.integers(1, 40).flatmap(lambda n: st.sampled_from([Term(days=n), Term(hours=n)]))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _resumed(term: Term, due: datetime, paused: datetime, now: datetime) -> datetime:
    return resumed(term, due, paused_at=paused, now=now, calendar=KENYA, zone=ZONE)


@pytest.mark.parametrize(
    ("opened", "days", "due"),
    [
        ("2026-11-16T12:00", 1, "2026-11-17T23:59:59"),
        ("2026-11-20T12:00", 1, "2026-11-23T23:59:59"),  # Friday: over the weekend
        ("2026-11-21T12:00", 1, "2026-11-23T23:59:59"),  # Saturday
        ("2026-10-19T12:00", 1, "2026-10-21T23:59:59"),  # Mashujaa Day
        ("2026-12-24T12:00", 1, "2026-12-28T23:59:59"),  # Christmas, then a weekend
        ("2026-12-31T23:30", 2, "2027-01-05T23:59:59"),  # New Year, weekend
    ],
)
def test_a_promise_counts_kenyan_working_days(opened: str, days: int, due: str) -> None:
    assert promised_by(Term(working_days=days), _at(opened), KENYA, ZONE) == _at(due)


def test_the_day_is_the_offices_own() -> None:
    """Half past ten at night in London is Tuesday already in Nairobi."""
    opened = datetime(2026, 11, 16, 22, 30, tzinfo=UTC)
    assert promised_by(Term(working_days=1), opened, KENYA, ZONE) == _at("2026-11-18T23:59:59")


@pytest.mark.parametrize(
    ("due", "paused", "now", "expected"),
    [
        # Two working days left on Tuesday; answered on Monday a week later.
        ("2026-11-19T23:59:59", "2026-11-17T09:00", "2026-11-30T09:00", "2026-12-02T23:59:59"),
        # Due that very day: today still lasts to its end ...
        ("2026-11-19T23:59:59", "2026-11-19T09:00", "2026-11-19T16:00", "2026-11-19T23:59:59"),
        ("2026-11-19T23:59:59", "2026-11-19T09:00", "2026-11-25T09:00", "2026-11-25T23:59:59"),
        # ... and answered on a Saturday, Monday does.
        ("2026-11-19T23:59:59", "2026-11-19T09:00", "2026-11-21T09:00", "2026-11-23T23:59:59"),
        # Already broken, also when the question came on a weekend just after.
        ("2026-11-19T23:59:59", "2026-11-25T09:00", "2026-12-25T09:00", "2026-11-19T23:59:59"),
        ("2026-11-20T23:59:59", "2026-11-21T09:00", "2026-12-25T09:00", "2026-11-20T23:59:59"),
    ],
)
def test_a_pause_gives_back_what_was_left(due: str, paused: str, now: str, expected: str) -> None:
    assert _resumed(Term(working_days=3), _at(due), _at(paused), _at(now)) == _at(expected)


@given(WORKING, MOMENTS, PAUSES, PAUSES)
def test_as_many_working_days_are_left_after_a_pause_as_before(
    term: Term, opened: datetime, until: timedelta, pause: timedelta
) -> None:
    due = promised_by(term, opened, KENYA, ZONE)
    paused = opened + until
    assume(paused < due)
    now = paused + pause
    again = _resumed(term, due, paused, now)
    assert again >= due
    assert again > now
    left = _left(paused, due)
    # On its last day a promise gives that day; where the office is closed then, the next one.
    assert _left(now, again) == (left or int(not KENYA.is_working(now.astimezone(ZONE).date())))


@given(st.one_of(WORKING, OTHER), MOMENTS, PAUSES, PAUSES)
def test_a_broken_promise_stays_broken(
    term: Term, opened: datetime, late: timedelta, pause: timedelta
) -> None:
    due = promised_by(term, opened, KENYA, ZONE)
    assert _resumed(term, due, due + late, due + late + pause) == due


@given(OTHER, MOMENTS, PAUSES, PAUSES)
def test_other_terms_move_by_the_pause(
    term: Term, opened: datetime, until: timedelta, pause: timedelta
) -> None:
    due = promised_by(term, opened, KENYA, ZONE)
    paused = opened + until
    assume(paused < due)
    assert _resumed(term, due, paused, paused + pause) == due + pause


@given(WORKING, MOMENTS, PAUSES, PAUSES, PAUSES)
def test_two_pauses_in_a_row_are_one(
    term: Term, opened: datetime, until: timedelta, first: timedelta, second: timedelta
) -> None:
    """Where nothing happens in between: from one waiting stage straight to the next."""
    due = promised_by(term, opened, KENYA, ZONE)
    paused = opened + until
    assume(paused < due)
    middle, end = paused + first, paused + first + second
    # A promise on its last day that resumes on a day off is given the next working day, once.
    assume(_left(paused, due) > 0)
    assert _resumed(term, _resumed(term, due, paused, middle), middle, end) == _resumed(
        term, due, paused, end
    )


def _left(start: datetime, due: datetime) -> int:
    return KENYA.working_days_between(_day(start), _day(due))


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from loket.kernel.calendars import WorkingCalendar
from loket.workflow import Term, deadline

NAIROBI = ZoneInfo("Africa/Nairobi")
KENYA = WorkingCalendar("KE")


def test_working_days_end_with_the_office_s_own_day() -> None:
    # Friday 11 December 2026; Saturday is Jamhuri Day, so one working day is Monday.
    start = datetime(2026, 12, 11, 8, 0, tzinfo=UTC)
    assert deadline(Term(working_days=1), start, KENYA, NAIROBI) == datetime(
        2026, 12, 14, 20, 59, 59, tzinfo=UTC
    )


def test_the_starting_day_is_the_office_s_own() -> None:
    # 22:30 in UTC on Thursday is already Friday in Nairobi.
    start = datetime(2026, 11, 19, 22, 30, tzinfo=UTC)
    assert deadline(Term(working_days=1), start, KENYA, NAIROBI).astimezone(NAIROBI).date().day == 23


def test_days_count_weekends_too() -> None:
    start = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert deadline(Term(days=2), start, KENYA, NAIROBI).astimezone(NAIROBI).date().day == 22


def test_hours_are_exact_across_a_change_of_the_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 20, 0, tzinfo=berlin)
    assert deadline(Term(hours=24), start, KENYA, berlin) == datetime(2026, 10, 25, 18, 0, tzinfo=UTC)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        deadline(Term(days=1), datetime(2026, 1, 1), KENYA, NAIROBI)  # noqa: DTZ001

"""Opening hours against a walk through every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.kernel.calendars import WorkingCalendar
from loket.kernel.opening import Closure, DoorState, Interval, OpeningHours

NAIROBI = ZoneInfo("Africa/Nairobi")
KENYA = WorkingCalendar("KE")
_ZONES = st.sampled_from([NAIROBI, ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Amsterdam")])
# Well away from the hour in which clocks are changed.
_MOMENTS = st.sets(st.integers(6 * 4, 22 * 4), max_size=6).map(
    lambda quarters: sorted(time(one // 4, one % 4 * 15) for one in quarters)
)
_DAY = _MOMENTS.map(lambda ends: tuple(Interval(*pair) for pair in zip(ends[::2], ends[1::2], strict=False)))
_DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31))
_CLOSURES = st.lists(
    st.builds(lambda day, span: Closure(day, day + timedelta(days=span), {}), _DATES, st.integers(0, 20)),
    max_size=3,
)
_HOURS = st.builds(OpeningHours, st.lists(_DAY, min_size=7, max_size=7).map(tuple), _CLOSURES.map(tuple))


def _open(hours: OpeningHours, moment: datetime, zone: ZoneInfo) -> bool:
    """Said again, as a sign on the door would."""
    local = moment.astimezone(zone)
    day = local.date()
    if any(one.first <= day <= one.last for one in hours.closures) or KENYA.is_holiday(day):
        return False
    return any(one.opens <= local.time() < one.closes for one in hours.week[day.weekday()])


@given(hours=_HOURS, zone=_ZONES, day=_DATES, quarter=st.integers(0, 95))
@settings(max_examples=200, deadline=None)
def test_the_state_holds_up_to_its_change_and_turns_there(
    hours: OpeningHours, zone: ZoneInfo, day: date, quarter: int
) -> None:
    now = datetime.combine(day, time(quarter // 4, quarter % 4 * 15), zone).astimezone(UTC)
    state = hours.state(now, KENYA, zone)
    assert state.is_open == _open(hours, now, zone)
    until = now + timedelta(days=30)
    if state.changes_at is not None:
        assert state.changes_at > now
        assert _open(hours, state.changes_at, zone) is not state.is_open
        until = min(until, state.changes_at.astimezone(UTC))
    step = timedelta(minutes=15)
    while now < until:
        assert _open(hours, now, zone) == state.is_open, now
        now += step


@given(hours=_HOURS)
def test_days_alike_say_the_whole_week(hours: OpeningHours) -> None:
    said = {
        weekday: alike.intervals
        for alike in hours.days_alike()
        for weekday in range(alike.first, alike.last + 1)
    }
    assert tuple(said.get(weekday, ()) for weekday in range(7)) == hours.week


@given(hours=_HOURS)
def test_hours_in_order_are_well_formed(hours: OpeningHours) -> None:
    assert hours.well_formed


@pytest.mark.parametrize(
    "hours",
    [
        OpeningHours(((),) * 6),
        OpeningHours(((Interval(time(16), time(8)),), *((),) * 6)),
        OpeningHours(((Interval(time(8), time(12)), Interval(time(12), time(16))), *((),) * 6)),
        OpeningHours(((Interval(time(14), time(16)), Interval(time(8), time(12))), *((),) * 6)),
        OpeningHours(closures=(Closure(date(2026, 1, 2), date(2026, 1, 1), {}),)),
    ],
)
def test_hours_out_of_order_are_not(hours: OpeningHours) -> None:
    assert not hours.well_formed


def test_a_centre_is_closed_on_public_holidays_and_opens_on_saturdays_that_it_names() -> None:
    weekdays = ((Interval(time(8), time(16, 30)),),) * 5
    hours = OpeningHours((*weekdays, (Interval(time(9), time(12)),), ()))
    # Saturday 12 December 2026 is Jamhuri Day, the one before is not.
    assert hours.state(datetime(2026, 12, 5, 7, 0, tzinfo=UTC), KENYA, NAIROBI).is_open
    jamhuri = hours.state(datetime(2026, 12, 12, 7, 0, tzinfo=UTC), KENYA, NAIROBI)
    assert jamhuri == DoorState(False, datetime(2026, 12, 14, 8, 0, tzinfo=NAIROBI))


def test_who_never_opens_has_no_next_opening() -> None:
    assert OpeningHours().state(datetime(2026, 12, 5, tzinfo=UTC), KENYA, NAIROBI) == DoorState(False, None)

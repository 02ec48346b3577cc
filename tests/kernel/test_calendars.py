from datetime import date

from loket.kernel.calendars import WorkingCalendar


def test_a_term_skips_weekends_and_public_holidays() -> None:
    kenya = WorkingCalendar("KE")
    # Friday 11 December 2026; Saturday 12 is Jamhuri Day.
    assert kenya.add_working_days(date(2026, 12, 11), 1) == date(2026, 12, 14)
    assert kenya.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 28)


def test_the_days_between_are_the_days_of_the_term() -> None:
    plain = WorkingCalendar()
    start = date(2026, 11, 20)
    assert plain.working_days_between(start, plain.add_working_days(start, 10)) == 10

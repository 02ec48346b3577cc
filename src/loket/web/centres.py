"""Centres in the reader's language: where they are, when they are open, whom to call."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from django.utils.translation import gettext as _

from loket.identity.types import AgencyView
from loket.kernel.centres import Centre
from loket.kernel.opening import Interval
from loket.web.words import clock_time, language, local_text, long_date

# Closing days are told this long ahead.
_AHEAD = timedelta(days=60)
# No line ends here: hours stay in one piece on a narrow page.
_JOINER = "\u2060"
_NOT_DIALLED = re.compile(r"[^0-9+]")


@dataclass(frozen=True, slots=True)
class CentreWords:
    """A centre as a page shows it. `tel` is the address that dials; `hours` has a line for days alike.

    `now` says whether it is open; `closures` the closing days to come, each with its reason. Both are empty
    where only a place to choose is shown.
    """

    key: str
    name: str
    region: str
    address: str
    phone: str
    tel: str
    hours: tuple[str, ...]
    now: str = ""
    closures: tuple[str, ...] = ()


def told(centre: Centre) -> CentreWords:
    """What stays the same from day to day."""
    return CentreWords(
        key=centre.key,
        name=centre.name(language()),
        region=local_text(centre.region),
        address=centre.address,
        phone=centre.phone,
        tel=tel(centre.phone),
        hours=tuple(
            _("%(days)s: %(hours)s")
            % {"days": _days(alike.first, alike.last), "hours": _hours(alike.intervals)}
            for alike in centre.hours.days_alike()
        ),
    )


def told_now(centre: Centre, agency: AgencyView, now: datetime) -> CentreWords:
    """The same with whether it is open, and the closing days of the coming weeks."""
    words = told(centre)
    return CentreWords(
        words.key,
        words.name,
        words.region,
        words.address,
        words.phone,
        words.tel,
        words.hours,
        now=open_now(centre, agency, now),
        closures=_closures(centre, now.astimezone(ZoneInfo(agency.timezone)).date()),
    )


def open_now(centre: Centre, agency: AgencyView, now: datetime) -> str:
    """Open now until 16:30; or closed, and when it opens."""
    zone = ZoneInfo(agency.timezone)
    state = centre.hours.state(now, agency.calendar, zone)
    if state.changes_at is None:
        return _("Closed for now")
    at = clock_time(state.changes_at.timetz().replace(tzinfo=None))
    if state.is_open:
        return _("Open now, until %(time)s") % {"time": at}
    today, day = now.astimezone(zone).date(), state.changes_at.astimezone(zone).date()
    if day == today:
        return _("Closed now, opens today at %(time)s") % {"time": at}
    if day - today < timedelta(days=7):
        name = get_day_names("wide", locale=language())[day.weekday()]
        return _("Closed now, opens on %(day)s at %(time)s") % {"day": name, "time": at}
    return _("Closed now, opens on %(day)s at %(time)s") % {"day": long_date(day), "time": at}


def tel(phone: str) -> str:
    """The address that dials a number, empty where there is none."""
    digits = _NOT_DIALLED.sub("", phone)
    return f"tel:{digits}" if digits else ""


def _days(first: int, last: int) -> str:
    names = get_day_names("wide", locale=language())
    if first == last:
        return str(names[first])
    return _("%(first)s to %(last)s") % {"first": names[first], "last": names[last]}


def _hours(intervals: tuple[Interval, ...]) -> str:
    dash = f"{_JOINER}–{_JOINER}"
    return ", ".join(f"{clock_time(one.opens)}{dash}{clock_time(one.closes)}" for one in intervals)


def _closures(centre: Centre, today: date) -> tuple[str, ...]:
    return tuple(
        _("Closed %(days)s: %(reason)s")
        % {"days": _span(closure.first, closure.last), "reason": local_text(closure.reason)}
        for closure in centre.hours.closures
        if closure.last >= today and closure.first <= today + _AHEAD
    )


def _span(first: date, last: date) -> str:
    if first == last:
        return long_date(first)
    return _("%(first)s to %(last)s") % {
        "first": format_date(first, "d MMMM", locale=language()),
        "last": long_date(last),
    }

"""Centres as they are stored, and back."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from loket.kernel.centres import Centre
from loket.kernel.opening import Closure, Interval, OpeningHours

FIELDS = ("key", "names", "region", "address", "phone", "hours", "closures", "active")


def to_stored(centre: Centre) -> dict[str, Any]:
    """The columns of a row, but for its key."""
    return {
        "names": dict(centre.names),
        "region": dict(centre.region),
        "address": centre.address,
        "phone": centre.phone,
        "hours": [
            [[f"{interval.opens:%H:%M}", f"{interval.closes:%H:%M}"] for interval in day]
            for day in centre.hours.week
        ],
        "closures": [
            {
                "first": closure.first.isoformat(),
                "last": closure.last.isoformat(),
                "reason": dict(closure.reason),
            }
            for closure in centre.hours.closures
        ],
        "active": centre.active,
    }


def from_stored(held: Mapping[str, Any]) -> Centre:
    week = tuple(
        tuple(Interval(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day)
        for day in held["hours"]
    )
    closures = tuple(
        Closure(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), one["reason"])
        for one in held["closures"]
    )
    return Centre(
        key=held["key"],
        names=held["names"],
        region=held["region"],
        address=held["address"],
        phone=held["phone"],
        hours=OpeningHours(week, closures),
        active=held["active"],
    )

"""Counts what becomes of messages as it happens, by day (in UTC), agency and medium."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from loket.notifications.models import Message, MessageDay

PROMISED = timedelta(seconds=10)
_SLOW = timedelta(minutes=1)

_Key = tuple[int, date, str]


def handed(rows: Sequence[tuple[Message, datetime]]) -> None:
    """Messages with the moment at which a provider took them."""
    found: Counter[tuple[_Key, str]] = Counter()
    for row, at in rows:
        key, took = _key(row, at), at - (row.ready_at or row.created_at)
        found[key, "handed"] += 1
        found[key, "within_10s"] += took <= PROMISED
        found[key, "within_1m"] += took <= _SLOW
    add(found)


def failed(row: Message, at: datetime) -> None:
    add({(_key(row, at), "failed"): 1})


def uncertain(row: Message, at: datetime) -> None:
    add({(_key(row, at), "uncertain"): 1})


def delivered(row: Message, at: datetime) -> None:
    add({(_key(row, at), "delivered"): 1})


def bounced(row: Message, at: datetime) -> None:
    add({(_key(row, at), "bounced"): 1})


def _key(row: Message, at: datetime) -> _Key:
    return row.agency_id, at.astimezone(UTC).date(), row.medium


# What counts a message that a provider took at once.
AT_ONCE = ("handed", "within_10s", "within_1m")
COUNTED = ("handed", "within_10s", "within_1m", "failed", "delivered", "bounced", "uncertain")


def add(found: "Counter[tuple[_Key, str]] | dict[tuple[_Key, str], int]") -> None:
    """One statement for each day, agency and medium, in order, so that two never wait for each other."""
    for key in _keys(found):
        values = [int(found.get((key, name), 0)) for name in COUNTED]
        columns = ", ".join(COUNTED)
        places = ", ".join(["%s"] * (3 + len(COUNTED)))
        sums = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in COUNTED)
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{MessageDay._meta.db_table}" AS t (agency_id, day, medium, {columns}) '  # noqa: S608
                f"VALUES ({places}) ON CONFLICT (day, agency_id, medium) DO UPDATE SET {sums}",
                [*key, *values],
            )


def _keys(found: Iterable[tuple[_Key, str]]) -> list[_Key]:
    return sorted({key for key, _ in found})

"""Moulds of the population: each course is lived through once, then cast for all who go the same way."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from loket.casework import loading
from loket.casework.clockwork import Clockwork, Moments, Rule
from loket.catalogue.compiled import CompiledService
from loket.config.sample.lives import Course, Kind, Step, live
from loket.identity.types import AgencyView, StaffMember
from loket.kernel.casting import EPOCH, Example, Mould, microseconds
from loket.notifications.types import Medium

# Part of every text of the example, and of nothing else.
TELLTALE = "Xq"
_NIGHT = clock_time(22, 14)
_WEEKEND = 5
# More than the three days after which a message is given up.
_APART = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Cast:
    """A mould with what casting needs beside it.

    `targets` say where the mould's rows go: the store, and the statement that takes them. `shifts` are the
    moments that are so long after a step: which, what step, how long; `rules` give the others. `drawn_after`
    says for each id after how many steps it was drawn; `handed` which messages went: the moments at which
    they did. `draft` is where the draft goes.
    """

    mould: Mould
    targets: tuple[str, ...]
    moments: Moments
    shifts: tuple[tuple[int, int, int], ...]
    rules: tuple[tuple[int, Rule], ...]
    clockwork: Clockwork
    drawn_after: tuple[int, ...]
    agency_id: int
    medium: Medium | None
    handed: tuple[int, ...]
    draft: str


class _RolledBack(Exception):
    pass


def make(
    course: Course,
    texts: Sequence[str],
    medium: Medium | None,
    service: CompiledService,
    agency: AgencyView,
    staff: StaffMember,
    start: datetime,
) -> tuple[Cast, UUID]:
    """Lives through the course from `start` on, takes the mould, and takes everything back.

    Gives with it the example's key, to be removed.
    """
    clockwork = Clockwork(service, agency, medium)
    made: list[tuple[Cast, UUID]] = []
    try:
        with transaction.atomic():
            made.append(_made(course, texts, medium, service, agency, staff, start, clockwork))
            raise _RolledBack
    except _RolledBack:
        return made[0]


def _made(
    course: Course,
    texts: Sequence[str],
    medium: Medium | None,
    service: CompiledService,
    agency: AgencyView,
    staff: StaffMember,
    start: datetime,
    clockwork: Clockwork,
) -> tuple[Cast, UUID]:
    boundaries: list[int] = []

    def mark() -> None:
        boundaries.append(time.time_ns() // 1_000_000)
        # Ids tell in milliseconds when they were drawn.
        time.sleep(0.002)

    nights = _Nights(start, ZoneInfo(agency.timezone))
    filled, sent = nights.next(), nights.next()
    lived = live(course, service, staff, filled, sent, nights.when, after_each=mark)
    counts = [microseconds(moment) for moment in lived.times]
    all_texts = (lived.reference, *texts)
    found = loading.found(lived.case_id, all_texts)
    moments = clockwork.rules(lived.stages, course.undoable)
    given = [clockwork.moment(rule, counts, moments) for rule in moments.rules]
    example = Example(
        all_texts,
        tuple(_as_datetime(count) for count in given),
        found.ids,
        clockwork.written(moments, course.language),
    )
    mould = Mould(found.rows, example, telltale=TELLTALE)
    handed = tuple(
        example.moments.index(row.value("sent_at"))
        for row in found.rows
        if row.table == "notifications_message"
    )
    targets = {table: _target(store, table, columns) for store, table, columns in mould.tables}
    used = [(place, moments.rules[place]) for place in sorted(mould.moments_used | set(handed))]
    cast = Cast(
        mould,
        tuple(targets.values()),
        moments,
        tuple((place, rule[1], rule[2]) for place, rule in used if rule[0] == "shift"),
        tuple((place, rule) for place, rule in used if rule[0] != "shift"),
        clockwork,
        tuple(_steps_before(one, boundaries) for one in found.ids),
        agency.id,
        medium,
        handed,
        targets["applications_draft"],
    )
    return cast, found.key_id


class _Nights:
    """Times at which no two rules give the same moment: each in a night of its own, when text messages wait,
    with odd seconds of its own; never on a weekend, when no working day goes by."""

    def __init__(self, start: datetime, zone: ZoneInfo) -> None:
        self._day, self._zone, self._count = start.astimezone(zone).date(), zone, 0

    def next(self) -> datetime:
        self._count += 1
        self._day += _APART
        while self._day.weekday() >= _WEEKEND:
            self._day += timedelta(days=1)
        return datetime.combine(self._day, _NIGHT, self._zone).astimezone(UTC) + self._odd()

    def when(self, step: Step, case_id: UUID) -> datetime:
        """The time of a step; jobs come when they are due."""
        due = {Kind.REMIND: loading.reminds_at, Kind.TIME_OUT: loading.runs_out_at}.get(step.kind)
        if due is None:
            return self.next()
        moment = due(case_id)
        if moment is None:
            raise ValueError(f"nothing is due when it comes to {step.kind}")
        self._count += 1
        self._day = moment.astimezone(self._zone).date()
        return moment + self._odd()

    def _odd(self) -> timedelta:
        return timedelta(seconds=7 * self._count, microseconds=101 * self._count)


def _target(store: str, table: str, columns: Sequence[str]) -> str:
    """In one text, because a batch looks it up for every case, and a text knows its hash."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'{store}: COPY "{table}" ({names}) FROM STDIN (FORMAT BINARY)'


def _steps_before(drawn: UUID, boundaries: Sequence[int]) -> int:
    """How many steps were over when this id was drawn: its first 48 bits tell the millisecond."""
    return bisect_left(boundaries, drawn.int >> 80)


def _as_datetime(count: int) -> datetime:
    return EPOCH + timedelta(microseconds=count)

"""Loads a population by COPY: several processes cast the rows, one writes them, in one transaction."""

import gc
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from random import Random
from struct import Struct
from zoneinfo import ZoneInfo

from django.db import connections, transaction

from loket.applications.loading import KEPT_FOR
from loket.casework.clockwork import Clockwork
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample import moulds, stories
from loket.config.sample.baring import bared
from loket.config.sample.moulds import Cast
from loket.config.sample.population import Plan, Population, Wanted
from loket.identity import queries as identity
from loket.identity.types import AgencyView, StaffMember
from loket.kernel.casting import EPOCH, HEAD, TAIL, Given, microseconds
from loket.notifications.loading import count_handed
from loket.notifications.types import Medium
from loket.privacy import loading as keys

AT_ONCE = 2_000
# Enough to meet every course that is not rare.
_LOOKED_AT = 1_500
# Long ago, so that nothing of the example can be taken for anything of today.
_EXAMPLE_LIVED = datetime(2001, 3, 6, 9, 0, tzinfo=UTC)
_UNIX = microseconds(datetime(1970, 1, 1, tzinfo=UTC))
_DAY = 24 * 3600 * 1_000_000
# RFC 9562, version 7.
_ID = Struct(">QQ").pack


@dataclass(slots=True)
class Batch:
    """Rows ready for COPY, by where they go (`Cast.targets`)."""

    cases: int = 0
    rows: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    handed: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    # Numbers of cases whose mould is missing.
    missing: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Offices:
    """What moulds are made with; read once."""

    services: Mapping[str, CompiledService]
    agencies: Mapping[str, AgencyView]
    staff: Mapping[str, StaffMember]

    @classmethod
    def now(cls) -> "Offices":
        """Raises LookupError where the sample county's services or staff are missing."""
        live = {one.key: one.version_id for one in catalogue.all_live()}
        services, agencies, staff = {}, {}, {}
        for key in {shape.service for _, shape in stories.SHAPES}:
            services[key] = catalogue.compiled(live[key])
            agencies[key] = identity.agency_known(services[key].agency_id)
        for email in (*stories.DESK, *stories.REGISTRY):
            person = identity.person_by_email(email)
            member = identity.staff_member(person.id) if person else None
            if member is None:
                raise LookupError(email)
            staff[email] = member
        return cls(services, agencies, staff)

    @property
    def zone(self) -> ZoneInfo:
        """Whose day it is."""
        return ZoneInfo(self.agencies[stories.INFORMATION].timezone)

    def clockworks(self) -> Mapping[tuple[str, str], Clockwork]:
        return {
            (key, medium or ""): Clockwork(service, self.agencies[key], Medium(medium) if medium else None)
            for key, service in self.services.items()
            for medium in (None, *Medium)
        }


class Foundry:
    """Casts planned cases; moulds that are missing are made on the way."""

    def __init__(self, offices: Offices, seed: int, now: datetime) -> None:
        self._offices, self._moulds = offices, dict[object, Cast]()
        self._random = Random(seed)  # noqa: S311 - ids, not secrets
        self._drafts_from = microseconds(now - KEPT_FOR)

    def prepare(self, plans: Sequence[Plan], done: Callable[[], None] = lambda: None) -> None:
        """Makes the moulds that these plans need and that there are not yet."""
        left_keys = []
        for plan in plans:
            if plan.key in self._moulds:
                continue
            cast, key_id = moulds.make(
                plan.shape.course(plan.language, plan.staff, plan.steps),
                plan.shape.example,
                plan.shape.medium,
                self._offices.services[plan.shape.service],
                self._offices.agencies[plan.shape.service],
                self._offices.staff[plan.staff],
                _EXAMPLE_LIVED,
            )
            self._moulds[plan.key] = cast
            left_keys.append(key_id)
            done()
        if left_keys:
            keys.forget_keys(left_keys)

    def tables(self) -> tuple[str, ...]:
        """Of the main database, into which the moulds are cast."""
        found = {
            table
            for cast in self._moulds.values()
            for store, table, _ in cast.mould.tables
            if store == "default"
        }
        return tuple(sorted(found))

    def has(self, plan: Plan) -> bool:
        return plan.key in self._moulds

    def reseed(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - ids, not secrets

    def cast(self, plan: Plan, batch: Batch) -> None:
        cast, times = self._moulds[plan.key], plan.times
        moments = {place: times[step] + shift for place, step, shift in cast.shifts}
        for place, rule in cast.rules:
            moments[place] = cast.clockwork.moment(rule, times, cast.moments)
        sealer, wrap = keys.new_key()
        rows = cast.mould.cast(Given(plan.texts, moments, self._ids(cast.drawn_after, times), sealer, wrap))
        draft = cast.draft if times[0] < self._drafts_from else ""
        for target, made in zip(cast.targets, rows, strict=True):
            if target != draft:
                batch.rows[target].append(made)
        for place in cast.handed:
            batch.handed[cast.agency_id, moments[place] // _DAY, cast.medium or ""] += 1
        batch.cases += 1

    def _ids(self, drawn_after: Sequence[int], times: Sequence[int]) -> list[bytes]:
        """As new ids of that time would be, in the order in which they were drawn."""
        ids = []
        bits, last = self._random.getrandbits, len(times) - 1
        for order, step in enumerate(drawn_after):
            milliseconds = (times[min(step, last)] - _UNIX) // 1000
            ids.append(_ID((milliseconds << 16) | 0x7000 | order, (0b10 << 62) | bits(62)))
        return ids


def load(
    wanted: Wanted,
    *,
    now: datetime,
    processes: int,
    done: Callable[[int], None],
    bare: bool = False,
    before_commit: Callable[[], None] = lambda: None,
) -> int:
    """Loads a population; how many cases. All or nothing, but for keys that then open nothing.

    `done` is called with the number of cases that were written. `bare`: without foreign keys and indexes
    while it lasts (`baring`). Raises LookupError as `Offices.now` does, and Busy.
    """
    offices = Offices.now()
    population = Population(wanted, now, offices.zone, offices.clockworks())
    foundry = Foundry(offices, wanted.seed, now)
    step = max(1, wanted.cases // _LOOKED_AT)
    foundry.prepare([population.plan(number) for number in range(0, wanted.cases, step)])
    loaded = _Loaded(done)
    with casting(population, foundry, wanted.cases, processes) as batches, transaction.atomic():
        with bared(foundry.tables()) if bare else nullcontext():
            for batch in batches:
                loaded.add(batch)
        # Rare courses, last: their examples live among everything written, which then has its indexes and
        # statistics again. Before, one look-up took half a minute at 40,000 cases.
        rare = [population.plan(number) for number in loaded.missing]
        foundry.prepare(rare)
        batch = Batch()
        for plan in rare:
            foundry.cast(plan, batch)
        loaded.add(batch)
        count(loaded.handed)
        before_commit()
    return loaded.cases


@dataclass(slots=True)
class _Loaded:
    """What was written so far; `missing` are cases left for later."""

    done: Callable[[int], None]
    cases: int = 0
    handed: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    missing: list[int] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        write(batch)
        self.handed.update(batch.handed)
        self.missing += batch.missing
        self.cases += batch.cases
        self.done(batch.cases)


@contextmanager
def casting(
    population: Population, foundry: Foundry, cases: int, processes: int
) -> Iterator[Iterator[Batch]]:
    """Batches of cases, cast by so many processes of our own. They begin as copies of this one, moulds and
    all, and never speak to a database."""
    for store in ("keys", "default"):
        connections[store].close()
    fork = multiprocessing.get_context("fork")
    ends: list[Connection] = []
    workers = []
    starts = range(0, cases, AT_ONCE)
    for place in range(processes):
        ours, theirs = fork.Pipe(duplex=False)
        worker = fork.Process(
            target=_cast_all, args=(population, foundry, starts[place::processes], cases, theirs), daemon=True
        )
        worker.start()
        theirs.close()
        ends.append(ours)
        workers.append(worker)
    try:
        yield (_received(ends[place % processes]) for place in range(len(starts)))
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _cast_all(
    population: Population, foundry: Foundry, starts: Sequence[int], cases: int, end: Connection
) -> None:
    """What one process does: a batch for each start."""
    # Nothing it makes lasts, so looking for circles among it finds none (12 % of the time).
    gc.disable()
    for start in starts:
        foundry.reseed(start)
        batch = Batch()
        for number in range(start, min(start + AT_ONCE, cases)):
            plan = population.plan(number)
            if foundry.has(plan):
                foundry.cast(plan, batch)
            else:
                batch.missing.append(number)
        joined = {target: [b"".join(rows)] for target, rows in batch.rows.items()}
        end.send((batch.cases, joined, batch.handed, batch.missing))


def _received(end: Connection) -> Batch:
    return Batch(*end.recv())


def write(batch: Batch) -> None:
    """The key store first: nothing is sealed under a key that is not there."""
    for store in ("keys", "default"):
        with connections[store].cursor() as cursor:
            for target, rows in batch.rows.items():
                at, _, statement = target.partition(": ")
                if at == store:
                    with cursor.copy(statement) as copy:
                        copy.write(b"".join((HEAD, *rows, TAIL)))


def count(handed: Mapping[tuple[int, int, str], int]) -> None:
    """Adds to the numbers of each day what went on it."""
    count_handed(
        {
            (agency_id, (EPOCH + timedelta(days=day)).date(), medium): messages
            for (agency_id, day, medium), messages in handed.items()
        }
    )

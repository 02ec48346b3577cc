"""Loads a population by COPY: several processes cast the rows, one writes them, in one transaction."""

import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from random import Random
from zoneinfo import ZoneInfo

from django.db import connections, transaction

from loket.applications.loading import KEPT_FOR
from loket.casework.clockwork import Clockwork
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.config.sample import moulds, stories
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

# Store, table, columns.
_Target = tuple[str, str, tuple[str, ...]]


@dataclass(slots=True)
class Batch:
    """Rows ready for COPY, by their table."""

    cases: int = 0
    rows: dict[_Target, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    handed: Counter[tuple[int, int, str]] = field(default_factory=Counter)


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

    def has(self, plan: Plan) -> bool:
        return plan.key in self._moulds

    def reseed(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - ids, not secrets

    def cast(self, plan: Plan, batch: Batch) -> None:
        cast = self._moulds[plan.key]
        moments: dict[int, int] = {
            place: cast.clockwork.moment(rule, plan.times, cast.moments) for place, rule in cast.rules
        }
        sealer, wrap = keys.new_key()
        rows = cast.mould.cast(
            Given(plan.texts, moments, self._ids(cast.drawn_after, plan.times), sealer, wrap)
        )
        targets, found = cast.mould.tables, batch.rows
        draft = cast.draft if plan.times[0] < self._drafts_from else -1
        for place, row in enumerate(rows):
            if place != draft:
                found[targets[place]].append(row)
        for place in cast.handed:
            batch.handed[cast.agency_id, moments[place] // _DAY, cast.medium or ""] += 1
        batch.cases += 1

    def _ids(self, drawn_after: Sequence[int], times: Sequence[int]) -> list[bytes]:
        """As new ids of that time would be, in the order in which they were drawn."""
        ids = []
        bits = self._random.getrandbits
        for order, step in enumerate(drawn_after):
            milliseconds = (times[min(step, len(times) - 1)] - _UNIX) // 1000
            value = (milliseconds << 80) | (0x7 << 76) | (order << 64) | (0b10 << 62) | bits(62)
            ids.append(value.to_bytes(16))
        return ids


def load(
    wanted: Wanted,
    *,
    now: datetime,
    processes: int,
    done: Callable[[int], None],
    before_commit: Callable[[], None] = lambda: None,
) -> int:
    """Loads a population; how many cases. All or nothing, but for keys that then open nothing.

    `done` is called with the number of cases that were written. Raises LookupError as `Offices.now` does.
    """
    offices = Offices.now()
    population = Population(wanted, now, offices.zone, offices.clockworks())
    foundry = Foundry(offices, wanted.seed, now)
    step = max(1, wanted.cases // _LOOKED_AT)
    foundry.prepare([population.plan(number) for number in range(0, wanted.cases, step)])
    handed: Counter[tuple[int, int, str]] = Counter()
    written = 0
    with casting(population, foundry, wanted.cases, processes) as batches, transaction.atomic():
        for batch in batches:
            write(batch)
            handed.update(batch.handed)
            written += batch.cases
            done(batch.cases)
        count(handed)
        before_commit()
    return written


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
        yield (_completed(ends[place % processes], population, foundry) for place in range(len(starts)))
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _cast_all(
    population: Population, foundry: Foundry, starts: Sequence[int], cases: int, end: Connection
) -> None:
    """What one process does: a batch for each start, with the numbers of cases whose mould is missing."""
    for start in starts:
        foundry.reseed(start)
        batch, missing = Batch(), []
        for number in range(start, min(start + AT_ONCE, cases)):
            plan = population.plan(number)
            if foundry.has(plan):
                foundry.cast(plan, batch)
            else:
                missing.append(number)
        joined = {target: [b"".join(rows)] for target, rows in batch.rows.items()}
        end.send((batch.cases, joined, batch.handed, missing))


def _completed(end: Connection, population: Population, foundry: Foundry) -> Batch:
    cases, joined, handed, missing = end.recv()
    batch = Batch(cases, defaultdict(list, joined), handed)
    plans = [population.plan(number) for number in missing]
    foundry.prepare(plans)
    for plan in plans:
        foundry.cast(plan, batch)
    return batch


def write(batch: Batch) -> None:
    """The key store first: nothing is sealed under a key that is not there."""
    for store in ("keys", "default"):
        with connections[store].cursor() as cursor:
            for (at, table, columns), rows in batch.rows.items():
                if at == store:
                    names = ", ".join(f'"{name}"' for name in columns)
                    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN (FORMAT BINARY)') as copy:
                        copy.write(b"".join((HEAD, *rows, TAIL)))


def count(handed: Mapping[tuple[int, int, str], int]) -> None:
    """Adds to the numbers of each day what went on it."""
    count_handed(
        {
            (agency_id, (EPOCH + timedelta(days=day)).date(), medium): messages
            for (agency_id, day, medium), messages in handed.items()
        }
    )

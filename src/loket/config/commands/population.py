"""`loket sample`: a made-up population with its year of cases."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from django.db import connections

from loket.casework import loading as cases_here
from loket.config.sample import bulk, made_up
from loket.config.sample.baring import Busy
from loket.config.sample.people import Locale
from loket.config.sample.place import open_place
from loket.config.sample.population import Wanted
from loket.kernel import clock

_MOST = 50_000_000
# From so many cases on making indexes anew is quicker than keeping them.
_MANY = 20_000


@contextmanager
def _quiet() -> Iterator[None]:
    """Thousands of lines would tell of examples that are taken back."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


def _worth_baring(cases: int) -> bool:
    """Whether putting indexes back costs less than keeping them: where most of what will be there is new."""
    return cases >= _MANY and cases >= cases_here.how_many()


def _load(wanted: Wanted, now: datetime, processes: int, *, bare: bool) -> None:
    with _quiet(), click.progressbar(length=wanted.cases, label="Loading cases", show_pos=True) as bar:
        bulk.load(
            wanted,
            now=now,
            processes=processes,
            done=bar.update,
            bare=bare,
            before_commit=lambda: made_up.mark(wanted.seed, count=wanted.cases, now=now),
        )


@click.command()
@click.option("--people", required=True, type=click.IntRange(1, _MOST), help="How many people apply.")
@click.option(
    "--cases-per-person", default=1.0, show_default=True, type=click.FloatRange(0.01, 100), help="On average."
)
@click.option(
    "--years", default=1.0, show_default=True, type=click.FloatRange(0.05, 20), help="Back from now."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(1), help="Another number, others.")
@click.option(
    "--locale",
    default=Locale.KENYA.value,
    show_default=True,
    type=click.Choice([one.value for one in Locale]),
    help="Whose names, homes and languages.",
)
@click.option(
    "--processes",
    default=min(4, os.cpu_count() or 1),
    show_default=True,
    type=click.IntRange(1, 64),
    help="That make rows; one more writes them.",
)
def sample(
    people: int, cases_per_person: float, years: float, seed: int, locale: str, processes: int
) -> None:
    """Fill this installation with a made-up population and its cases, for trying out and for measuring.

    Opens the sample county where it is missing. The rows are those that the actions would have made; messages
    count as sent and went to nobody, documents are listed but hold no bytes. Refuses where there are real
    cases. The same --seed makes the same population. All or nothing: killed, it leaves no case.

    A large population is loaded without indexes and foreign keys, which are made at the end in the same
    transaction: whoever uses the database meanwhile waits, and a load that fails leaves them as they were.
    """
    now = clock.now()
    made_up.make_sure(seed)
    wanted = Wanted(people, max(1, round(people * cases_per_person)), seed, years, Locale(locale))
    open_place(now)
    started = time.monotonic()
    click.echo("Living through one case of each course …")
    bare = _worth_baring(wanted.cases)
    try:
        _load(wanted, now, processes, bare=bare)
    except Busy:
        click.echo("Others use this database: loading with all indexes in place, which takes longer.")
        _load(wanted, now, processes, bare=False)
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")
    took = time.monotonic() - started
    click.echo(f"{wanted.cases:,} cases of {people:,} people in {took:,.0f} s.")

"""`loket bills …`: the bills and fines that people look up and pay."""

import io
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import click

from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.payments.bill_files import BillRow, NoSuchColumns, RowError, read_rows
from loket.payments.bill_imports import Imported, open_register, take_bills

_AT_ONCE = 500
_MOST_SHOWN = 50
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bills() -> None:
    """Bills and fines: take them in from the office that writes them."""


@bills.command("import")
@click.argument("register")
@click.argument("file", type=_FILE)
@click.option("--agency", required=True, help="The key of the agency whose bills they are.")
def import_bills(register: str, file: Path, agency: str) -> None:
    """Take the bills in FILE (CSV, UTF-8) into REGISTER, such as parking-fines.

    Columns: number, fact, amount, currency, what (or what_en, what_id, …), place, issued_on, due_on.
    Done again it changes nothing; with newer figures it changes bills that are still open. Lines with a
    mistake are left out and named by line and column; the exit code is then 1.
    """
    known = identity.agency(agency)
    if known is None:
        raise click.ClickException(f"there is no agency {agency}")
    try:
        lines = list(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
        with click.progressbar(length=len(lines), label="Taking bills in") as bar:
            done, wrong = load_bills(known.id, register, lines, clock.now(), bar.update)
    except UnicodeDecodeError as problem:
        raise click.ClickException(f"{file.name} is not UTF-8: {problem.reason}") from problem
    except NoSuchColumns as problem:
        raise click.ClickException(f"{file.name}: {problem}") from problem
    click.echo(
        f"{done.new} new, {done.changed} changed, {done.same} as they were, "
        f"{done.settled} no longer open and left alone, {len(wrong)} lines with a mistake."
    )
    for mistake in wrong[:_MOST_SHOWN]:
        click.echo(f"{file.name}:{mistake}", err=True)
    if len(wrong) > _MOST_SHOWN:
        click.echo(f"… and {len(wrong) - _MOST_SHOWN} more.", err=True)
    if wrong:
        raise SystemExit(1)


def load_bills(
    agency_id: int, register: str, lines: Iterable[str], now: datetime, step: Callable[[int], object]
) -> tuple[Imported, list[RowError]]:
    """Takes in what is sound, some hundreds at a time; and the mistakes. Raises NoSuchColumns."""
    rows = iter(read_rows(lines))
    done, wrong = Imported(), list[RowError]()
    first = next(rows, None)
    if first is None:
        return done, wrong
    opened = open_register(agency_id=agency_id, key=register, now=now)
    every = itertools.chain([first], rows)
    while some := list(itertools.islice(every, _AT_ONCE)):
        good = [row for row in some if isinstance(row, BillRow)]
        wrong += [row for row in some if isinstance(row, RowError)]
        done += take_bills(register_id=opened, rows=good, by=SYSTEM, now=now)
        step(len(some))
    return done, wrong

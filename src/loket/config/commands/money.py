"""`loket payments …`: money asked for and money that came."""

from datetime import datetime
from pathlib import Path

import click

from loket.identity import queries as identity
from loket.payments import queries

_WRITERS = {"csv": queries.reconciliation_csv, "xlsx": queries.reconciliation_xlsx}


@click.group()
def payments() -> None:
    """Money asked for and money that came."""


@payments.command()
@click.option("--agency", "agency_key", required=True, metavar="KEY", help="Whose money.")
@click.option(
    "--day",
    required=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="A day such as 2026-11-22, in the agency's time zone.",
)
@click.option("--format", "written_as", type=click.Choice(sorted(_WRITERS)), default="csv", show_default=True)
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def reconcile(agency_key: str, day: datetime, written_as: str, output: Path) -> None:
    """Write what happened to an agency's money on one day: money in, receipts, refunds, what is held.

    Exit code 1 where the ledger doesn't add up or disagrees with a provider; the report is written anyway.
    """
    agency = identity.agency(agency_key)
    if agency is None:
        raise click.ClickException(f"There is no agency {agency_key!r}.")
    report = queries.reconciliation(agency.id, day.date())
    try:
        output.write_bytes(_WRITERS[written_as](report))
    except OSError as problem:
        raise click.ClickException(f"{output} can't be written: {problem.strerror}.") from problem
    click.echo(f"{len(report.entries)} entries, {len(report.differences)} differences with providers.")
    if report.differences or not all(sums.balanced for sums in report.totals):
        raise click.ClickException("Somebody should look at this day.")

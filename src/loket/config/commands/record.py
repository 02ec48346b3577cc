"""`loket audit …`: the append-only record of what was done."""

import click

from loket.audit import queries


@click.group()
def audit() -> None:
    """The append-only record of what was done."""


@audit.command()
def verify() -> None:
    """Prove that no sealed entry was altered or removed, against the witness where there is one.

    Exit code 1 where something is wrong; each fault is a line with its place.
    """
    verdict = queries.verify()
    for finding in verdict.findings:
        click.echo(str(finding))
    click.echo(
        f"{verdict.sealed} entries sealed under {verdict.checkpoints} checkpoints, "
        f"{verdict.unsealed} not yet sealed."
    )
    if verdict.witnessed is None:
        click.echo(f"Not compared with a witness: {verdict.witness_problem}.")
    else:
        click.echo(f"The witness keeps {verdict.witnessed} checkpoints.")
    if not verdict.intact:
        raise click.ClickException("The record is not intact.")

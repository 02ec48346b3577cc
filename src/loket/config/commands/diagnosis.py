"""`loket doctor`: what is well and what is not."""

import json
from dataclasses import asdict

import click

from loket.config.doctor import examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON array instead of lines.")
def doctor(as_json: bool) -> None:
    """Check the installation, one line a check: what is well, what is wrong, and what to do about it.

    Exit code 1 where something is wrong.
    """
    findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            click.echo(f"{'ok   ' if finding.well else 'WRONG'}  {finding.subject}: {finding.words}")
            if finding.remedy:
                click.echo(f"       → {finding.remedy}")
    if not all(finding.well for finding in findings):
        raise SystemExit(1)

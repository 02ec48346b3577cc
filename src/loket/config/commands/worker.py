"""`loket worker`: background jobs, kept in the main database."""

import click
from django.core.management import call_command

from loket.config.safety import refuse_unsafe


@click.command()
@click.option(
    "--concurrency", default=1, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time."
)
def worker(concurrency: int) -> None:
    """Run the background worker until it is told to stop; it finishes the job at hand.

    Jobs that succeeded are deleted; those that failed stay to be looked at.
    """
    refuse_unsafe()
    call_command("procrastinate", "worker", concurrency=concurrency, delete_jobs="successful")

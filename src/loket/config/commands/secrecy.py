"""`loket privacy …`: keys."""

import click

from loket.documents import actions as documents
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.privacy import actions
from loket.webhooks import actions as webhooks


@click.group()
def privacy() -> None:
    """Look after keys."""


@privacy.command()
def rotate() -> None:
    """Wrap every key anew under the first of LOKET_MASTER_KEY.

    The old master stays in LOKET_MASTER_KEY, after the new one, until this is done.

    Works while Loket serves; an interrupted run is continued by the next. Sealed data stays untouched.
    """
    count = actions.rotate_master(by=SYSTEM, now=clock.now())
    count += documents.rewrap_keys() + webhooks.rewrap_secrets()
    click.echo(f"{count} keys now hang from the current master key.")

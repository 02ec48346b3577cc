"""`loket messages`: mail that came back, and what messages say."""

from typing import BinaryIO

import click

from loket.kernel import clock
from loket.notifications import actions


@click.group()
def messages() -> None:
    """Look after messages."""


@messages.command()
@click.argument("mail", type=click.File("rb"), default="-")
def bounce(mail: BinaryIO) -> None:
    """Read a mail that came back (RFC 3464) from standard input, as a mail server's pipe gives it.

    In Postfix: no-reply: "|loket messages bounce". Mail that is no report of one of ours is left alone.
    """
    try:
        known = actions.take_receipt(channel="smtp", headers={}, body=mail.read(), now=clock.now())
    except ValueError as problem:
        raise click.ClickException("This is no mail.") from problem
    click.echo(f"{known} of our messages reported on.")

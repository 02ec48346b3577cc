"""`loket messages`: mail that came back, and what messages say."""

from typing import BinaryIO

import click

from loket.casework import specimens
from loket.catalogue import queries as catalogue
from loket.catalogue.types import LiveService
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.text import in_language
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


@messages.command()
@click.argument("service")
@click.option("--language", metavar="CODE", help="Only this one; by default every language of the service.")
def preview(service: str, language: str | None) -> None:
    """Write every message that people get about SERVICE, with made-up values.

    SERVICE is the key of a live service, as AGENCY/SERVICE where two agencies have one of that name.
    """
    live = _live(service)
    compiled, agency = catalogue.compiled(live.version_id), identity.agency_known(live.agency_id)
    spoken = specimens.languages_of(compiled)
    if language is not None and language not in spoken:
        raise click.ClickException(f"{live.key} speaks {', '.join(spoken)}.")
    for code in [language] if language else spoken:
        for one in specimens.specimens(compiled, agency, code, clock.now()):
            stage = in_language(one.stage, code)
            click.echo(f"== {code}: {one.told.value}{f' ({stage})' if stage else ''}")
            click.echo(f"{one.text.subject}\n\n{one.text.body}\n")


def _live(typed: str) -> LiveService:
    agency, _slash, key = typed.rpartition("/")
    found = [one for one in catalogue.all_live() if one.key == key and agency in ("", one.agency_key)]
    if not found:
        raise click.ClickException(f"There is no live service {typed!r}.")
    if len(found) > 1:
        named = ", ".join(f"{one.agency_key}/{one.key}" for one in found)
        raise click.ClickException(f"Several agencies have it: write one of {named}.")
    return found[0]

"""`loket export`: a service's applications as a table, written on the server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click
from django.utils import translation

from loket.casework import actions as casework
from loket.casework.refusals import NoSuchCase
from loket.catalogue import queries as catalogue
from loket.config.settings import LANGUAGES
from loket.desk import words
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import clock
from loket.privacy.actions import ReasonMissing

_DAY = click.DateTime(formats=["%Y-%m-%d"])
# For whoever wrote it alone: it holds people's answers.
_MODE = 0o600


@click.command()
@click.argument("service")
@click.option("--agency", "agency_key", required=True, metavar="KEY", help="Whose service it is.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="In whose name: theirs is the record.")
@click.option("--reason", required=True, help="What it is needed for; everybody in the file can read it.")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--from", "sent_from", type=_DAY, metavar="DATE", help="Sent on this day or later.")
@click.option("--until", "sent_until", type=_DAY, metavar="DATE", help="Sent on this day or before.")
@click.option(
    "--language",
    default="en",
    show_default=True,
    type=click.Choice([code for code, _ in LANGUAGES]),
    help="Of the column heads, dates and choices.",
)
def export(
    service: str,
    agency_key: str,
    email: str,
    reason: str,
    output: Path,
    sent_from: datetime | None,
    sent_until: datetime | None,
    language: str,
) -> None:
    """Write the applications of SERVICE to a new FILE, every answer, as CSV that Excel opens.

    As at the desk: one record names every case in it before the first is written, and people see it among the
    looks at their case. For administrators of the agency, and for supervisors as far as their cases go.
    """
    with _new(output) as file:
        made = _made(service, agency_key, email, reason, _day(sent_from), _day(sent_until), language)
        with click.progressbar(length=made.cases, label="Writing", show_pos=True) as bar:
            for number, part in enumerate(made.parts):
                file.write(part)
                # The first part is the head of the table.
                bar.update(casework.EXPORTED_AT_ONCE if number else 0)
    click.echo(f"{made.cases:,} applications in {output}. Keep it as safe as the cases themselves.")


@contextmanager
def _new(output: Path) -> Iterator[BinaryIO]:
    """A file that is gone again where it could not be completed: half a table would be taken for a whole."""
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError as problem:
        raise click.ClickException(f"{output} is there already; give another name.") from problem
    except OSError as problem:
        raise click.ClickException(f"{output} can't be written: {problem.strerror}.") from problem
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        output.unlink(missing_ok=True)
        raise


def _made(
    service_key: str,
    agency_key: str,
    email: str,
    reason: str,
    sent_from: date | None,
    sent_until: date | None,
    language: str,
) -> casework.Export:
    if identity.agency(agency_key) is None:
        raise click.ClickException(f"There is no agency {agency_key!r}.")
    service = next((one for one in catalogue.services_of(agency_key) if one.key == service_key), None)
    if service is None:
        raise click.ClickException(f"The agency {agency_key!r} has no service {service_key!r}.")
    with translation.override(language):
        outcomes = {key: words.told(words.OUTCOMES, key) for key in words.OUTCOMES}
    try:
        return casework.export(
            service_id=service.service_id,
            sent_from=sent_from,
            sent_until=sent_until,
            reason=reason,
            language=language,
            outcomes=outcomes,
            staff=_staff(email),
            now=clock.now(),
            at_server=True,
        )
    except NoSuchCase as refused:
        raise click.ClickException(
            f"{email} is neither an administrator of {agency_key!r} nor a supervisor there."
        ) from refused
    except ReasonMissing as refused:
        raise click.ClickException(
            "Give a --reason: people read it beside the look at their case."
        ) from refused


def _staff(email: str) -> StaffMember:
    person = identity.person_by_email(email)
    member = identity.staff_member(person.id) if person else None
    if member is None:
        raise click.ClickException(f"Nobody of the staff has the address {email!r}.")
    return member


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None

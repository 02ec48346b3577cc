"""`loket agency …` and `loket staff …`: who owns services, and who works for them.

What an installation begins with, before anybody can sign in.
"""

from collections.abc import Mapping, Sequence

import click
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from loket.identity import actions
from loket.identity import queries as identity
from loket.identity.actions import AgencyProblem, AgencyProfile
from loket.identity.types import AgencyContact, AgencyView, PersonView, Post, Role, Theme
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.kernel.text import in_language

_ROLES = click.Choice([role.value for role in Role])
_NAMES = click.option(
    "--name", "names", multiple=True, required=True, metavar="LANGUAGE=NAME", help="Once for each language."
)
_LANGUAGES = click.Choice([code for code, _ in settings.LANGUAGES])
_AGENCY = click.option("--agency", "agency_key", required=True, help="Key of the agency.")
_ROLE = click.option("--role", required=True, type=_ROLES, help="What they may do there.")
_TEAM = click.option("--team", "team_key", help="Key of the team; without it, the whole agency.")


@click.group()
def agency() -> None:
    """Make agencies and their teams."""


@agency.command(name="add")
@click.argument("key")
@_NAMES
@click.option(
    "--short-name", "short_names", multiple=True, metavar="LANGUAGE=NAME", help="For narrow places."
)
@click.option("--country", default="", help="Whose holidays it keeps: two letters, such as KE.")
@click.option("--timezone", default="UTC", show_default=True, help="Of its clocks, such as Africa/Nairobi.")
@click.option("--colour", default=actions.DEFAULT_THEME.brand_colour, show_default=True, help="Of its pages.")
@click.option(
    "--on-colour", default=actions.DEFAULT_THEME.on_brand_colour, show_default=True, help="Text on it."
)
@click.option("--email", default="", help="Shown to people who need help.")
@click.option("--phone", default="", help="Shown to people who need help.")
@click.option("--address", default="", help="Shown to people who need help.")
def add_agency(
    key: str, names: Sequence[str], short_names: Sequence[str], country: str, timezone: str, colour: str,
    on_colour: str, email: str, phone: str, address: str,
) -> None:  # fmt: skip
    """Make the agency KEY: small letters, digits and hyphens, such as civil-registry."""
    if identity.agency(key) is not None:
        raise click.ClickException(f"There is an agency {key!r} already; nothing was changed.")
    profile = AgencyProfile(
        names=_by_language(names), short_names=_by_language(short_names), country=country.upper(),
        timezone=timezone, theme=Theme(colour, on_colour), contact=AgencyContact(email, phone, address),
    )  # fmt: skip
    try:
        actions.upsert_agency(key=key, profile=profile, by=SYSTEM, now=clock.now())
    except AgencyProblem as problem:
        wrong = problem.details.get("field", "")
        raise click.ClickException(f"This can't be its {wrong}. Nothing was made.") from problem
    click.echo(f"{key} is there. Next: its teams (loket agency team), its people (loket staff add).")


@agency.command()
@click.argument("agency_key", metavar="AGENCY")
@click.argument("key")
@_NAMES
def team(agency_key: str, key: str, names: Sequence[str]) -> None:
    """Make the team KEY of AGENCY, or name it anew. Services say which team works their cases."""
    owner = _agency(agency_key)
    actions.upsert_team(agency_id=owner.id, key=key, names=_by_language(names), by=SYSTEM, now=clock.now())
    click.echo(f"{agency_key} has the team {key}.")


@agency.command(name="list")
def list_agencies() -> None:
    """One line each: key, name, teams."""
    for one in identity.agencies():
        teams = " ".join(sorted(team.key for team in identity.teams_of(one.id)))
        click.echo(f"{one.key}  {in_language(one.names, settings.LANGUAGE_CODE)}  {teams or '(no team)'}")


@click.group()
def staff() -> None:
    """Give people their posts, and take them away."""


@staff.command(name="add")
@click.argument("email")
@click.option("--full-name", default="", help="As applicants read it.")
@click.option("--language", default="en", show_default=True, type=_LANGUAGES)
@_AGENCY
@_ROLE
@_TEAM
def add_staff(
    email: str, full_name: str, language: str, agency_key: str, role: str, team_key: str | None
) -> None:
    """Give whoever has this EMAIL a post; they choose a password and a second factor themselves."""
    owner = _agency(agency_key)
    post = _post(owner, role, team_key)
    person = identity.person_by_email(_well_formed(email))
    if person is None and not full_name.strip():
        raise click.UsageError("Somebody new needs --full-name: applicants read who decided.")
    if person is None:
        person = actions.create_person(
            email=email, full_name=full_name, language=language, by=SYSTEM, now=clock.now()
        )
    actions.add_membership(
        person_id=person.id,
        agency_id=owner.id,
        role=post.role,
        team_id=post.team_id,
        by=SYSTEM,
        now=clock.now(),
    )
    click.echo(
        f"{person.full_name} is {role} of {agency_key}. A password, the first one too, is asked for at"
    )
    click.echo(f"{settings.PUBLIC_ADDRESS}{reverse('account_reset_password')}")


@staff.command(name="remove")
@click.argument("email")
@_AGENCY
@_ROLE
@_TEAM
def remove_staff(email: str, agency_key: str, role: str, team_key: str | None) -> None:
    """Take a post away. Their next click already meets a closed door; what they did stays on record."""
    owner = _agency(agency_key)
    post, person = _post(owner, role, team_key), _person(email)
    if post not in _posts(person, owner):
        raise click.ClickException(f"{email} has no such post in {agency_key}; nothing was changed.")
    actions.remove_membership(
        person_id=person.id,
        agency_id=owner.id,
        role=post.role,
        team_id=post.team_id,
        by=SYSTEM,
        now=clock.now(),
    )
    click.echo("taken away")


@staff.command(name="list")
@click.argument("agency_key", metavar="AGENCY")
def list_staff(agency_key: str) -> None:
    """One line for each person of AGENCY: name and posts."""
    owner = _agency(agency_key)
    teams = {team.id: team.key for team in identity.teams_of(owner.id)}
    for one in identity.staff_of(owner.id):
        held = sorted(
            post.role.value + (f" of {teams[post.team_id]}" if post.team_id else "")
            for post in one.posts
            if post.agency_id == owner.id
        )
        click.echo(f"{one.name}: {', '.join(held)}")


def _by_language(given: Sequence[str]) -> Mapping[str, str]:
    told = {}
    known = {code for code, _ in settings.LANGUAGES}
    for one in given:
        language, separator, name = one.partition("=")
        if language not in known or not separator or not name.strip():
            raise click.UsageError(f"Not a language of this place and a name: {one!r}. Such as en=Registry.")
        told[language] = name.strip()
    return told


def _agency(key: str) -> AgencyView:
    found = identity.agency(key)
    if found is None:
        raise click.ClickException(f"There is no agency {key!r}; loket agency list tells which there are.")
    return found


def _post(owner: AgencyView, role: str, team_key: str | None) -> Post:
    try:
        team_id = identity.team(owner.id, team_key).id if team_key else None
    except LookupError as problem:
        raise click.ClickException(
            f"{owner.key} has no team {team_key!r}; loket agency list tells which there are."
        ) from problem
    return Post(owner.id, team_id, Role(role))


def _well_formed(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError as problem:
        raise click.UsageError(f"Not an e-mail address: {email!r}.") from problem
    return email


def _person(email: str) -> PersonView:
    found = identity.person_by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return found


def _posts(person: PersonView, owner: AgencyView) -> Sequence[Post]:
    member = identity.staff_member(person.id)
    return [post for post in member.posts if post.agency_id == owner.id] if member else []

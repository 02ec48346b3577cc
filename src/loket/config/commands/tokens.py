"""`loket token …`: what programs show instead of signing in."""

from datetime import timedelta

import click

from loket.identity import queries as identity
from loket.identity import tokens
from loket.identity.types import AgencyView, Scope
from loket.kernel import clock
from loket.kernel.actors import SYSTEM

_SCOPES = click.Choice([scope.value for scope in Scope])


@click.group()
def token() -> None:
    """Issue, list and revoke tokens of programs."""


@token.command()
@click.argument("agency")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=_SCOPES, help="May be given again.")
@click.option("--days", type=click.IntRange(1, 1098), help="How long it works; without it, until revoked.")
def issue(agency: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token for a program of AGENCY called NAME. It is shown once and stored nowhere."""
    now = clock.now()
    issued = tokens.issue_token(
        agency_id=_agency(agency).id,
        name=name,
        scopes=[Scope(scope) for scope in scopes],
        expires_at=now + timedelta(days=days) if days else None,
        by=SYSTEM,
        now=now,
    )
    click.echo(issued.token)


@token.command(name="list")
@click.argument("agency")
def list_tokens(agency: str) -> None:
    """One line each: first letters, name, scopes, last day of use, and whether it still works."""
    now = clock.now()
    for one in tokens.tokens_of(_agency(agency).id):
        works = "works" if one.works_at(now) else "ended"
        used = one.last_used_on.isoformat() if one.last_used_on else "never used"
        click.echo(f"{one.prefix}  {one.name}  {' '.join(sorted(one.scopes))}  {used}  {works}")


@token.command()
@click.argument("agency")
@click.argument("prefix")
def revoke(agency: str, prefix: str) -> None:
    """End the token of AGENCY that begins with PREFIX. Running servers follow within seconds."""
    owner = _agency(agency)
    found = next((one for one in tokens.tokens_of(owner.id) if one.prefix == prefix), None)
    if found is None:
        raise click.ClickException(f"{agency} has no token {prefix!r}.")
    tokens.revoke_token(token_id=found.id, agency_id=owner.id, by=SYSTEM, now=clock.now())
    click.echo("revoked")


def _agency(key: str) -> AgencyView:
    found = identity.agency(key)
    if found is None:
        raise click.ClickException(f"There is no agency {key!r}.")
    return found

"""`loket webhooks …`: which systems are told what happens to an agency's cases."""

from collections.abc import Sequence
from uuid import UUID

import click

from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.webhooks import actions, queries
from loket.webhooks.types import CHOOSABLE, EndpointView, EventType

_AGENCY = click.option("--agency", required=True, help="The key of the agency whose endpoint it is.")
_ENDPOINT = click.argument("endpoint", type=click.UUID)
_SHOWN = 50


@click.group()
def webhooks() -> None:
    """Tell other systems what happens to an agency's cases (docs/webhooks.md)."""


@webhooks.command("list")
@click.option("--agency", help="The key of one agency; all without it.")
def list_endpoints(agency: str | None) -> None:
    """Show the endpoints, whether they work, and what waits or is parked."""
    known = [_agency(agency)] if agency else [one.id for one in identity.agencies()]
    found = queries.endpoints(known)
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("No endpoints.")


@webhooks.command()
@click.argument("address")
@_AGENCY
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([one.value for one in CHOOSABLE]),
    help="What it is told of; all without it. May be given several times.",
)
@click.option("--service", "services", multiple=True, help="The key of a service; all without it.")
def add(address: str, agency: str, events: Sequence[str], services: Sequence[str]) -> None:
    """Register an endpoint and print its secret, which is not shown again."""
    endpoint_id, secret = actions.register(
        agency_id=_agency(agency),
        address=address,
        events=[EventType(one) for one in events] or CHOOSABLE,
        services=services,
        by=SYSTEM,
        now=clock.now(),
    )
    click.echo(f"endpoint {endpoint_id}\nsecret   {secret}")


@webhooks.command()
@_ENDPOINT
@_AGENCY
def rotate(endpoint: UUID, agency: str) -> None:
    """Print a new secret. The former one signs beside it for 24 hours."""
    click.echo(
        actions.rotate_secret(agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    )


@webhooks.command()
@_ENDPOINT
@_AGENCY
def test(endpoint: UUID, agency: str) -> None:
    """Have the worker send an event about nothing."""
    actions.send_test(agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    click.echo("A test event is on its way.")


@webhooks.command()
@_ENDPOINT
@_AGENCY
def parked(endpoint: UUID, agency: str) -> None:
    """Show what could not be delivered, with the last answer."""
    for one in queries.parked(agency_id=_agency(agency), endpoint_id=endpoint, limit=_SHOWN):
        click.echo(
            f"{one.id} {one.created_at:%Y-%m-%d %H:%M} {one.type} {one.reference or '-'} "
            f"{one.trouble} {one.status or '-'} {one.answer[:80]}".rstrip()
        )


@webhooks.command()
@_ENDPOINT
@_AGENCY
def again(endpoint: UUID, agency: str) -> None:
    """Send everything again that is parked."""
    count = actions.send_all_again(
        agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now()
    )
    click.echo(f"{count} deliveries are tried again.")


@webhooks.command()
@_ENDPOINT
@_AGENCY
def on(endpoint: UUID, agency: str) -> None:
    """Switch an endpoint on; what is parked waits for `again`."""
    actions.switch_on(agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    click.echo("It is told what happens from now on.")


@webhooks.command()
@_ENDPOINT
@_AGENCY
def off(endpoint: UUID, agency: str) -> None:
    """Switch an endpoint off; what waits is parked."""
    actions.switch_off(agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    click.echo("It is told nothing any more.")


@webhooks.command()
@_ENDPOINT
@_AGENCY
def remove(endpoint: UUID, agency: str) -> None:
    """Remove an endpoint with its secrets and all its deliveries."""
    actions.remove(agency_id=_agency(agency), endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    click.echo("It is gone.")


def _agency(key: str) -> int:
    found = identity.agency(key)
    if found is None:
        raise click.ClickException(f"there is no agency {key}")
    return found.id


def _line(one: EndpointView) -> str:
    agency = identity.agency_known(one.agency_id).key
    state = (
        f"off ({one.off})" if one.off else f"{one.failures} failures in a row" if one.failures else "works"
    )
    told = " ".join(one.events)
    return f"{one.id} {agency} {one.address} {state}, {one.waiting} waiting, {one.parked} parked: {told}"

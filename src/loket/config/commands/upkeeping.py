"""`loket maintenance`: a window in which everything can be read and nothing is taken in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.upkeep import actions, queries


class Moment(click.ParamType[datetime]):
    """A moment such as 2026-11-22T23:00+03:00; without an offset it is UTC."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no moment; write it as 2026-11-22T23:00+03:00.", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.group()
def maintenance() -> None:
    """Look after the system while everything can be read. Every host follows within a few seconds."""


@maintenance.command()
@click.option("--from", "begins", type=Moment(), help="When it begins; announced until then. [now]")
@click.option("--until", type=Moment(), help="When it will probably be over; it ends with `off` only.")
@click.option("--message", default="", help='A sentence more: a text, or by language {"en": "…", "sw": "…"}.')
def on(begins: datetime | None, until: datetime | None, message: str) -> None:
    """Begin, or announce, a window."""
    now = clock.now()
    try:
        actions.plan(begins=begins or now, until=until, message=_by_language(message), by=SYSTEM, now=now)
    except actions.EndsTooSoon as refusal:
        raise click.ClickException(
            "It would be over before it begins; check --from and --until."
        ) from refusal
    click.echo(_standing(now))


@maintenance.command()
def off() -> None:
    """End the window, or call it off."""
    ended = actions.end(by=SYSTEM, now=clock.now())
    click.echo("Everything is taken in again." if ended else "No window was on or announced.")


@maintenance.command()
def status() -> None:
    """Say how it stands."""
    click.echo(_standing(clock.now()))


def _standing(now: datetime) -> str:
    window = queries.read()
    if window is None:
        return "No window is on or announced."
    until = f", until about {window.until:%Y-%m-%d %H:%M} UTC" if window.until else ""
    if window.is_on(now):
        return f"On since {window.begins:%Y-%m-%d %H:%M} UTC{until}: reading goes on, nothing is taken in."
    return f"Announced from {window.begins:%Y-%m-%d %H:%M} UTC{until}."


def _by_language(written: str) -> Mapping[str, str]:
    if not written.startswith("{"):
        return {"": written} if written else {}
    try:
        found = json.loads(written)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise click.BadParameter('write a text, or JSON such as {"en": "text"}.', param_hint="--message")
    return found

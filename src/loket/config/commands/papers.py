"""`loket documents …`: the keys that sign certificates."""

import json

import click

from loket.documents import actions, queries
from loket.kernel import clock
from loket.kernel.actors import SYSTEM


@click.group()
def documents() -> None:
    """Look after the keys that sign certificates."""


@documents.command("rotate-keys")
def rotate_keys() -> None:
    """Sign with a new key from now on. What older keys signed stays genuine."""
    click.echo(f"Key {actions.rotate_keys(by=SYSTEM, now=clock.now())} signs from now on.")


@documents.command()
def keys() -> None:
    """List the public keys, as for `verify-document --keys`."""
    listed = [{"id": key.id, "algorithm": "Ed25519", "public": key.public} for key in queries.public_keys()]
    click.echo(json.dumps({"keys": listed}, indent=1))

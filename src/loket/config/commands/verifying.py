"""`loket verify-document`: checks a certificate without a database and without a network."""

import json
from datetime import UTC
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from loket.documents import payload as codes
from loket.documents.payload import NotGenuine
from loket.kernel import clock

_LONGEST_NAME = 200


@click.command("verify-document")
@click.argument("document")
@click.option(
    "--keys",
    "keys_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public keys, from <site>/verify/keys.json.",
)
def verify_document(document: str, keys_file: Path) -> None:
    """Check a certificate: DOCUMENT is its PDF, or what its code holds (the address or its last part).

    Shows what was signed; compare it with the paper. Whether it was withdrawn since, only the site knows.
    Exit code 1 where it is not genuine or no longer valid.
    """
    payload = _payload(document)
    try:
        signed = codes.check(payload, _keys(keys_file))
    except NotGenuine:
        raise click.ClickException("Not genuine: no key in the list signed these very words.") from None
    statement = signed.statement
    rows = [
        ("number", statement.number),
        ("document", statement.key),
        ("agency", statement.agency),
        ("holder", statement.holder),
        *statement.facts.items(),
        ("issued", statement.issued_on.isoformat()),
        ("valid until", statement.expires_on.isoformat() if statement.expires_on else "no end"),
        ("signed with", signed.key_id.hex()),
    ]
    for name, value in rows:
        click.echo(f"{name.replace('_', ' ')}: {value}")
    if statement.expires_on and statement.expires_on < clock.now().astimezone(UTC).date():
        raise click.ClickException("Genuine, but expired.")
    click.echo("Genuine. Compare these facts with the paper; ask the site whether it was withdrawn.")


def _payload(document: str) -> str:
    file = Path(document)
    # What a code holds is longer than a name may be, which asking the system about it would say.
    if len(file.name) <= _LONGEST_NAME and file.is_file():
        found = codes.payload_in(file.read_bytes())
        if found is None:
            raise click.ClickException(f"{file} carries no code of a certificate; give what its code holds.")
        return found
    return document.strip().rstrip("/").rpartition("/")[2]


def _keys(file: Path) -> dict[bytes, Ed25519PublicKey]:
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))["keys"]
        return {
            bytes.fromhex(key["id"]): Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"]))
            for key in listed
        }
    except (ValueError, KeyError, TypeError) as problem:
        raise click.ClickException(f"{file} is no list of keys.") from problem

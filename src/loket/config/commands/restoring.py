"""`loket restore …`."""

from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from loket.config.backup import points, restoring
from loket.config.backup.programs import BackupProblem
from loket.config.backup.reconciling import Account, reconcile
from loket.config.backup.sealed import Opener
from loket.config.commands.backups import data_folder, progress
from loket.config.commands.tables import bring_up_to_date
from loket.kernel import clock

_FROM = click.option(
    "--from",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of back-ups of data [LOKET_BACKUP_FOLDER].",
)
_KEYS_FROM = click.option(
    "--keys-from",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of back-ups of keys, where the key store is gone [LOKET_BACKUP_KEYS_FOLDER].",
)
_PRIVATE = click.option(
    "--private-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of the private key that data was sealed for.",
)
_SHOWN = 20


@click.group()
def restore() -> None:
    """Restore a back-up into an empty installation. Nothing is ever overwritten.

    Keys are never older than they must be: those in the key store, or else the newest back-up of keys.
    What was erased since is erased again. Exit code 0: all agrees. 1: it does not, and lines say what.
    """


@restore.command()
@_FROM
@_KEYS_FROM
@_PRIVATE
@click.option("--id", "backup_id", help="Which back-up [the newest].")
def data(
    source: Path | None, keys_from: Path | None, private_key: Path | None, backup_id: str | None
) -> None:
    """Restore data, files and keys as they were when a back-up was made, and reconcile them."""
    folder = data_folder(source)
    chosen = backup_id or restoring.newest(folder, "data").id
    with progress("Files") as copied:
        done = restoring.restore(
            folder,
            chosen,
            keys_from or settings.BACKUP_KEYS_FOLDER,
            _opener(private_key),
            Opener(settings.BACKUP_KEYS_PASSPHRASE),
            copied=copied,
        )
    click.echo(f"Data as of {done.data.made_at}: {sum(done.data.facts.values())} rows.")
    click.echo(
        f"Keys as of {done.keys_of.made_at}." if done.keys_of else "The keys that were there are kept."
    )
    _finish()


@restore.command()
@_FROM
@_PRIVATE
@click.option("--id", "base_id", help="Which copy of the server to begin from [the last before the moment].")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z"]),
    help="The moment, with its time zone; without it, as far as possible.",
)
@click.argument("into", type=click.Path(path_type=Path))
def point(
    source: Path | None, private_key: Path | None, base_id: str | None, until: datetime | None, into: Path
) -> None:
    """Lay out a data folder of PostgreSQL in INTO that comes up as it was at a moment.

    Then start PostgreSQL on it, give the files and keys back, and reconcile: loket restore finish.
    """
    chosen = points.lay_out(data_folder(source), into, base_id, until, _opener(private_key))
    click.echo(f"{into} continues {chosen.id}. Start PostgreSQL on it, then: loket restore finish")


@restore.command()
@_FROM
@_KEYS_FROM
def finish(source: Path | None, keys_from: Path | None) -> None:
    """After `point`: give back keys, where they are gone, and the files that are missing; reconcile."""
    folder = data_folder(source)
    keys_of = restoring.restore_keys(
        keys_from or settings.BACKUP_KEYS_FOLDER, Opener(settings.BACKUP_KEYS_PASSPHRASE)
    )
    click.echo(f"Keys as of {keys_of.made_at}." if keys_of else "The keys that were there are kept.")
    with progress("Files") as copied:
        points.give_files_back(folder, copied)
    _finish()


def _opener(private_key: Path | None) -> Opener:
    try:
        private = bytes.fromhex(private_key.read_text(encoding="ascii").strip()) if private_key else b""
    except (OSError, ValueError):
        raise BackupProblem(f"{private_key} holds no private key.") from None
    return Opener(settings.BACKUP_PASSPHRASE, private)


def _finish() -> None:
    bring_up_to_date()
    account = reconcile(clock.now())
    for line in lines_of(account):
        click.echo(line)
    if not account.well:
        raise click.ClickException("Not everything agrees; the lines above say what.")


def lines_of(account: Account) -> list[str]:
    found = [
        _counted(account.erased, "cases that were erased since stay erased"),
        f"{account.destroyed} keys that came back were destroyed again.",
        _counted(account.refused, "cases have no key any more but could not be erased again"),
        _counted(account.unopenable, "cases can't be opened: the keys are older than the data"),
        _counted(account.lacking, "files are missing"),
        f"{account.verdict.sealed} entries of the record are sealed; "
        + ("it is intact." if account.verdict.intact else "compared with its witness:"),
    ]
    found += [f"  {finding}" for finding in account.verdict.findings]
    return found


def _counted(names: tuple[str, ...], words: str) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{len(names)} {words}" + (f": {', '.join(names[:_SHOWN])}{more}." if names else ".")

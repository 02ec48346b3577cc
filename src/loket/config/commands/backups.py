"""`loket backup …`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from loket.config.backup import making, points, pool, sealed, shelf
from loket.config.backup.making import Places
from loket.config.backup.programs import BackupProblem
from loket.kernel import clock

_TO = click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for data and files [LOKET_BACKUP_FOLDER].",
)
_KEYS_TO = click.option(
    "--keys-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for keys, elsewhere [LOKET_BACKUP_KEYS_FOLDER].",
)


@click.group()
def backup() -> None:
    """Back up data and files, and, apart from them, keys.

    Exit code 0: whole. 1: it is not, and a sentence on standard error says why; nothing half-made is left.
    """


@backup.command()
@_TO
@_KEYS_TO
def create(to: Path | None, keys_to: Path | None) -> None:
    """Make a back-up of everything as it is now, while Loket works; then drop what is past its term."""
    places = Places(data_folder(to), keys_folder(keys_to))
    with progress("Database") as dumped, progress("Files") as copied:
        data, keys = making.make(places, clock.now(), dumped=dumped, copied=copied)
    prune_both(places.data, places.keys)
    click.echo(
        f"{places.data / data.id}: {sum(part.size for part in data.parts) >> 10} kB, {_sealed(data.sealed)}"
    )
    click.echo(f"{places.keys / keys.id}: keys, {_sealed(keys.sealed)}")
    if data.missing:
        raise click.ClickException(
            f"The back-up is made, but {len(data.missing)} files that the database knows "
            f"are not on the disk: {', '.join(data.missing[:5])}"
        )


@backup.command()
@_KEYS_TO
def keys(keys_to: Path | None) -> None:
    """Make a back-up of the keys alone: often, for what is erased after it could come back with it."""
    folder = keys_folder(keys_to)
    with progress("Keys") as dumped:
        made = making.make_keys(folder, clock.now(), dumped=dumped)
    _prune(folder, settings.BACKUP_KEYS_DAYS, clock.now())
    click.echo(f"{folder / made.id}: keys, {_sealed(made.sealed)}")


@backup.command()
@_TO
def files(to: Path | None) -> None:
    """Copy files that came since: often, where the database is kept to any moment (`stream`)."""
    folder = data_folder(to)
    with shelf.alone(folder), progress("Files") as copied:
        pool.take_all(folder, settings.FILES, copied)


@backup.command(name="list")
@_TO
@_KEYS_TO
def list_all(to: Path | None, keys_to: Path | None) -> None:
    """List what there is, oldest first."""
    for folder in (data_folder(to), keys_folder(keys_to)):
        for one in shelf.all_in(folder):
            click.echo(f"{folder / one.id}  {one.kind}  {one.made_at}  {_sealed(one.sealed)}")


@backup.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Prove that one back-up, or all in a folder, are as they were written: each part and each file.

    Exit code 1 where something was changed or is missing; each fault is a line with its place.
    """
    single = (folder / shelf.MANIFEST).is_file()
    manifests = (shelf.read_manifest(folder),) if single else shelf.all_in(folder)
    if not manifests:
        raise click.ClickException(f"{folder} holds no back-up.")
    root, faults = folder.parent if single else folder, 0
    blobs: dict[str, str] = {}
    for one in manifests:
        found = list(shelf.faults_of(root / one.id, one))
        for fault in found:
            click.echo(fault)
        faults += len(found)
        if not found:
            blobs |= pool.listed(root / one.id)
    with progress("Files", len(blobs)) as said:
        for fault in pool.faults_of(root, blobs, said):
            click.echo(fault)
            faults += 1
    click.echo(f"{len(manifests)} back-ups and {len(blobs)} files: {faults or 'no'} faults.")
    if faults:
        raise SystemExit(1)


@backup.command()
@_TO
@_KEYS_TO
def prune(to: Path | None, keys_to: Path | None) -> None:
    """Drop what is past its term: LOKET_BACKUP_DAYS for data, LOKET_BACKUP_KEYS_DAYS for keys."""
    click.echo(f"{prune_both(data_folder(to), keys_folder(keys_to))} back-ups dropped.")


@backup.command()
@_TO
def base(to: Path | None) -> None:
    """Copy the whole main server, to go on from with `stream`: for going back to any moment."""
    folder = data_folder(to)
    with progress("Server") as said:
        made = points.make_base(folder, clock.now(), said)
    click.echo(f"{folder / made.id}: {made.parts[0].size >> 20} MB, {_sealed(made.sealed)}")


@backup.command()
@_TO
def stream(to: Path | None) -> None:
    """Keep what the main server writes, as it writes it, until told to stop: run it as a service."""
    command, environment = points.streaming(data_folder(to))
    os.execve(command[0], command, environment)  # noqa: S606 - PostgreSQL's own program


@backup.command(name="new-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new_key(file: Path) -> None:
    """Make a pair: the private key into FILE, to be kept elsewhere; the public one is printed."""
    private, public = sealed.new_pair()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(private.hex() + "\n")
    except OSError as problem:
        raise click.ClickException(f"{file} can't be written: {problem.strerror}.") from problem
    click.echo(f"LOKET_BACKUP_PUBLIC_KEY={public.hex()}")


def data_folder(given: Path | None) -> Path:
    return _folder(given, settings.BACKUP_FOLDER, "--to or LOKET_BACKUP_FOLDER")


def keys_folder(given: Path | None) -> Path:
    return _folder(given, settings.BACKUP_KEYS_FOLDER, "--keys-to or LOKET_BACKUP_KEYS_FOLDER")


def _folder(given: Path | None, known: Path | None, name: str) -> Path:
    chosen = given or known
    if chosen is None:
        raise BackupProblem(f"Say where: {name}.")
    return chosen.expanduser().resolve()


def prune_both(data: Path, keys: Path) -> int:
    now = clock.now()
    count = _prune(data, settings.BACKUP_DAYS, now) + _prune(keys, settings.BACKUP_KEYS_DAYS, now)
    if count:
        kept = {name for one in shelf.all_in(data) for name in pool.listed(data / one.id)}
        pool.drop_all_but(data, kept)
    return count


def _prune(folder: Path, days: int, now: datetime) -> int:
    return shelf.drop(folder, shelf.outdated(shelf.all_in(folder), days, now))


def _sealed(how: str) -> str:
    return {"no": "not encrypted", "key": "encrypted for the private key"}.get(
        how, "encrypted with the passphrase"
    )


@contextmanager
def progress(what: str, length: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar on standard error where that is a terminal, nothing elsewhere. Without a length it counts."""
    if not sys.stderr.isatty():
        yield _silent

        return
    if length:
        with click.progressbar(range(length), label=what, file=sys.stderr) as bar:
            yield bar.update
        return

    yield _counting(what)
    click.echo(err=True)


def _silent(count: int) -> None:
    """Where nobody watches."""


def _counting(what: str) -> Callable[[int], None]:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        click.echo(f"\r{what}: {done:,}", nl=False, err=True)

    return count

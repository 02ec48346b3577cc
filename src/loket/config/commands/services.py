"""`loket lint` and `loket service …`: packs, before and after they are published."""

import json
from collections import Counter
from pathlib import Path

import click

from loket.casework.registry import effect_checks
from loket.catalogue import actions, queries
from loket.catalogue.lint import Surroundings, errors
from loket.catalogue.lint import lint as findings_of
from loket.catalogue.loader import PACK_FILE, load
from loket.catalogue.schema import json_schema
from loket.catalogue.types import Level
from loket.kernel import clock
from loket.kernel.actors import SYSTEM

_PACK = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=_PACK)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
def lint(paths: tuple[Path, ...], strict: bool) -> None:
    """Check packs: files, folders with a service.yaml, or folders of such folders.

    Writes file:line:column, level, code and sentence. Exit code 1 where a pack has errors.
    """
    known = Surroundings(effects=effect_checks())
    found = [finding for path in _packs(paths) for finding in findings_of(load(path), known)]
    for finding in found:
        click.echo(str(finding))
    counts = Counter(finding.level for finding in found)
    click.echo(f"{counts[Level.ERROR]} errors, {counts[Level.WARNING]} warnings", err=True)
    if errors(found) or (strict and counts[Level.WARNING]):
        raise SystemExit(1)


@click.group()
def service() -> None:
    """Publish, import and export services."""


@service.command()
@click.argument("pack", type=_PACK)
def publish(pack: Path) -> None:
    """Make one pack (a file, or a folder with a service.yaml) the live version of its service."""
    loaded = load(pack)
    if loaded.service is None:
        raise click.ClickException("\n".join(str(finding) for finding in loaded.findings))
    version = actions.publish(
        source=loaded.source,
        by=SYSTEM,
        now=clock.now(),
        file=loaded.file,
        effects=effect_checks(),
        templates=loaded.templates,
    )
    click.echo(f"Published as version {version}.")


@service.command("import")
@click.argument("folder", type=_FOLDER)
def import_folder(folder: Path) -> None:
    """Publish the pack in a folder, or every pack in the folders below it: all or none."""
    try:
        versions = actions.import_folder(folder=folder, by=SYSTEM, now=clock.now(), effects=effect_checks())
    except FileNotFoundError as problem:
        raise click.ClickException(f"{problem}.") from problem
    click.echo(f"Published {len(versions)} services.")


@service.command()
@click.argument("agency")
@click.argument("key")
@click.option("--to", "folder", default=".", type=_FOLDER, help="Folder to write into; by default this one.")
def export(agency: str, key: str, folder: Path) -> None:
    """Write the live version of AGENCY's service KEY to <folder>/<key>/service.yaml, as it was published."""
    found = queries.live(agency, key)
    if found is None:
        raise click.ClickException(f"{agency} has no live service {key}.")
    click.echo(str(actions.export_to(version_id=found.version_id, folder=folder)))


@service.command()
def schema() -> None:
    """Write the service language as a JSON Schema, for editors."""
    click.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))


def _packs(paths: tuple[Path, ...]) -> list[Path]:
    found = []
    for path in paths:
        if path.is_file() or (path / PACK_FILE).exists():
            found.append(path)
            continue
        below = sorted(file.parent for file in path.rglob(PACK_FILE))
        if not below:
            raise click.ClickException(f"{path} holds no {PACK_FILE}.")
        found += below
    return found

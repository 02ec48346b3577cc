"""`loket bench`: measures Loket on an installation of its own. Comes with the source."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

_ROOT = Path(__file__).resolve().parents[4]


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def bench(options: tuple[str, ...]) -> None:
    """Measure Loket on a database of its own, thrown away afterwards. --help tells scenarios and options."""
    if not (_ROOT / "benchmarks" / "__main__.py").is_file():
        raise click.ClickException("The benchmarks come with the source of Loket; this is an installed copy.")
    if find_spec("aiosmtpd") is None:
        raise click.ClickException("The benchmark needs a mail server, aiosmtpd: make test installs it.")
    # Not from the source's folder: paths that are given count from where they were typed.
    environment = {**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
    command = [sys.executable, "-m", "benchmarks", *options]
    if {"-h", "--help"} & set(options):
        told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        click.echo(told.stdout, nl=False)
        return
    raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603

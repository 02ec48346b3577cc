"""`loket bench`: measures Loket on an installation of its own. Comes with the source."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

_ROOT = Path(__file__).resolve().parents[4]


@click.group()
def bench() -> None:
    """Measure Loket on a database of its own, thrown away afterwards."""


@bench.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def messages(options: tuple[str, ...]) -> None:
    """Send 10,000 messages while the worker is killed ten times. --help tells its options."""
    if not (_ROOT / "benchmarks" / "messages.py").is_file():
        raise click.ClickException("The benchmarks come with the source of Loket; this is an installed copy.")
    if find_spec("aiosmtpd") is None:
        raise click.ClickException("The benchmark needs a mail server, aiosmtpd: make test installs it.")
    command = [sys.executable, "-m", "benchmarks.messages", *options]
    raise SystemExit(subprocess.run(command, cwd=_ROOT, check=False).returncode)  # noqa: S603 - ourselves

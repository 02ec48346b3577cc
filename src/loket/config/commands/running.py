"""`loket demo` and `loket serve`: starting servers. Django is not started in these processes."""

import os
from pathlib import Path

import click
from django.utils.module_loading import import_string

from loket.config import demo as demonstration
from loket.config.command import data_folder, start_django
from loket.config.demo import web_command
from loket.config.safety import refuse_unsafe

# Called in this order once Django is started; each gives lines to show when Loket is ready.
_PREPARATIONS: tuple[str, ...] = (
    "loket.config.commands.tables.bring_up_to_date",
    "loket.config.sample.load.load",
)

_PORT = click.option(
    "--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port."
)
_HOST = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every network."
)


@click.command()
@_PORT
@_HOST
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder for its data [var/].")
def demo(port: int, host: str, data: Path | None) -> None:
    """Run everything on this machine: PostgreSQL, tables, a sample agency, web server and worker.

    Keeps its data and secrets in var/ and uses them again the next time. Ctrl-C stops all of it.
    """
    folder = data.expanduser().resolve() if data else data_folder()
    raise SystemExit(demonstration.run(folder, host, port, prepare=_prepare, say=click.echo))


@click.command()
@_PORT
@_HOST
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option(
    "--drain",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0, 300),
    help="Seconds to go on, no longer ready, after SIGTERM.",
)
def serve(port: int, host: str, workers: int, drain: float) -> None:
    """Run the web server, for a proxy that ends TLS in front of it.

    Takes over the socket that systemd passes on, if it does. SIGHUP replaces the workers one by one with the
    code on the disk; SIGTERM ends without a failed request. Refuses to start on keys from the source.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loket.config.settings")
    refuse_unsafe()
    command = web_command(host, port, workers, drain)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


def _prepare() -> list[str]:
    start_django()
    return [line for preparation in _PREPARATIONS for line in import_string(preparation)()]

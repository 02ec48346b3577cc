"""The `loket` command. `loket --help` tells; so does every command's own `--help`.

Exit codes: 0 done; 1 it didn't work, and a sentence on standard error says why; 2 the command line made no
sense. A command's code is loaded when it is called: some need Django started first, and some mustn't.
"""

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import django
from django.db import OperationalError

from loket import __version__
from loket.config import demo, embedded
from loket.config.backup.programs import BackupProblem
from loket.config.environment import EnvironmentProblem
from loket.kernel.refusals import Refusal

_SETTINGS = "loket.config.settings"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command's code is (`module:name` in loket.config.commands) and what it does, in one line."""

    where: str
    summary: str
    django: bool = True

    def load(self) -> click.Command:
        module, _, name = self.where.partition(":")
        command: click.Command = getattr(importlib.import_module(f"loket.config.commands.{module}"), name)
        return command


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("running:demo", "Run everything on this machine, with a sample agency.", django=False),
    "serve": Entry("running:serve", "Run the web server.", django=False),
    "worker": Entry("worker:worker", "Run the background worker."),
    "migrate": Entry("tables:migrate", "Bring the tables of both databases up to date."),
    "sample": Entry("population:sample", "Fill a database with a made-up population and its cases."),
    "lint": Entry("services:lint", "Check packs of services."),
    "agency": Entry("staffing:agency", "Make agencies and their teams."),
    "staff": Entry("staffing:staff", "Give people their posts, and take them away."),
    "service": Entry("services:service", "Publish, import and export services."),
    "bills": Entry("billing:bills", "Take in the bills and fines that an agency wrote."),
    "export": Entry("exporting:export", "Write a service's applications as a table."),
    "audit": Entry("record:audit", "Verify the record of what was done."),
    "payments": Entry("money:payments", "Report an agency's money of one day."),
    "privacy": Entry("secrecy:privacy", "Look after keys."),
    "token": Entry("tokens:token", "Issue, list and revoke tokens of programs."),
    "messages": Entry("bouncing:messages", "Show what messages say, and take in mail that came back."),
    "backup": Entry("backups:backup", "Back up data and files, and, apart from them, keys."),
    "restore": Entry("restoring:restore", "Restore a back-up into an empty installation."),
    "maintenance": Entry("upkeeping:maintenance", "Look after the system while it can be read."),
    "bench": Entry("bench:bench", "Measure Loket on a database of its own.", django=False),
    "webhooks": Entry("hooking:webhooks", "Tell other systems what happens to cases."),
    "documents": Entry("papers:documents", "Look after the keys that sign certificates."),
    "verify-document": Entry(
        "verifying:verify_document", "Check a certificate, without a database.", django=False
    ),
    "doctor": Entry("diagnosis:doctor", "Check the installation and say what to do."),
}


class LoketGroup(click.Group):
    """Finds commands in COMMANDS and turns expected failures into a sentence and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        # Before the code is imported, for tables can only be imported into a started Django.
        try:
            if entry.django:
                if ctx.params.get("on_demo"):
                    os.environ.update(demo.environment_of_running(data_folder()))
                start_django()
            return entry.load()
        except (EnvironmentProblem, demo.DemoProblem) as problem:
            raise click.ClickException(str(problem)) from problem

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (
            EnvironmentProblem,
            demo.DemoProblem,
            embedded.EmbeddedDatabaseError,
            BackupProblem,
        ) as problem:
            raise click.ClickException(str(problem)) from problem
        except Refusal as refusal:
            raise click.ClickException(_words(refusal)) from refusal
        except OperationalError as problem:
            raise click.ClickException(
                f"The database didn't do it: {str(problem).partition(chr(10))[0]}\n"
                "Check LOKET_DATABASE_URL and LOKET_KEYS_URL. The demo that runs here is meant with: "
                "loket --demo …"
            ) from problem


@click.group(cls=LoketGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loket")
@click.option("--demo", "on_demo", is_flag=True, help="Act on the demo that runs here (its data is in var/).")
def main(on_demo: bool) -> None:
    """A digital front door for public services.

    Reads its settings from LOKET_* in the environment; docs/operations.md lists them.
    """


def _words(refusal: Refusal) -> str:
    """A refusal's own words where it has any, otherwise its code and details."""
    if str(refusal) != refusal.code:
        return str(refusal)
    details = ", ".join(f"{name} {value}" for name, value in refusal.details.items())
    return f"{refusal.code.replace('_', ' ')}: {details}".rstrip(": ")


def data_folder() -> Path:
    """Where the demo, by default, keeps its data; the same as in settings, which can't be read yet."""
    return Path(os.environ.get("LOKET_DATA") or Path.cwd() / "var").expanduser().resolve()


def start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    django.setup()


if __name__ == "__main__":
    main(prog_name="loket")

"""PostgreSQL's own programs: of LOKET_POSTGRESQL_PROGRAMS, or those with Loket or on the PATH."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from loket.config import embedded


class BackupProblem(Exception):
    """It can't be done or did not work; the message says why and what to do."""


def program(name: str, *, server: int = 0) -> str:
    """The path of one that is at least as new as the server (its major version). Raises BackupProblem."""
    told = settings.POSTGRESQL_PROGRAMS
    places = [told / name] if told else [embedded.programs() / name, *_on_path(name)]
    for place in places:
        if _major(place) >= server > 0 or (server == 0 and place.is_file()):
            return str(place)
    raise BackupProblem(
        f"{name} of PostgreSQL {server or 15} or later is not here. Install PostgreSQL's client programs, or "
        "name their folder in LOKET_POSTGRESQL_PROGRAMS."
    )


def server_of(alias: str) -> int:
    """The major version of a database's server."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def address(database: Mapping[str, Any]) -> dict[str, str]:
    """What the programs need to connect, as their environment: nothing secret on a command line."""
    options = database["OPTIONS"]
    given = {
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"]),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
        "PGSSLMODE": str(options.get("sslmode", "")),
        "PGSSLROOTCERT": str(options.get("sslrootcert", "")),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {
        "PATH": os.defpath, "LC_ALL": "C", "HOME": "/",
        **{name: value for name, value in given.items() if value},
    }  # fmt: skip


def run(command: Sequence[str], environment: Mapping[str, str], **how: Any) -> None:
    """Runs to its end. Raises BackupProblem with its last words: hosts and tables, never values."""
    done = subprocess.run(  # noqa: S603 - our own words
        list(command), env=dict(environment), check=False, stderr=subprocess.PIPE, text=True, **how
    )
    if done.returncode != 0:
        raise BackupProblem(f"{Path(command[0]).name} failed: {last_words(done.stderr)}")


def last_words(told: str) -> str:
    """Rows that PostgreSQL quotes are left out."""
    lines = [line for line in told.strip().splitlines() if not line.startswith(("DETAIL", "CONTEXT"))]
    return " ".join(lines[-4:])[-600:]


def _on_path(name: str) -> list[Path]:
    found = shutil.which(name)
    return [Path(found)] if found else []


def _major(place: Path) -> int:
    if not place.is_file():
        return 0
    told = subprocess.run([str(place), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"\) (\d+)", told.stdout)
    return int(number[1]) if number else 0

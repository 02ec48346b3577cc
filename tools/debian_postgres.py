"""PostgreSQL of the system (Debian's 15), for a while: TCP on loopback, a role that is no superuser."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from loket.config import reachable

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class NoPostgres(Exception):
    """The system has no PostgreSQL 15; the message says how to get it."""


@contextmanager
def running(programs: Path = PROGRAMS) -> Iterator[Mapping[str, str]]:
    """A new cluster, gone afterwards; the `LOKET_*` that lead to it. Raises NoPostgres."""
    if not (programs / "initdb").exists():
        raise NoPostgres(f"There is no {programs}. On Debian 12: apt-get install postgresql-15")
    folder = Path(tempfile.mkdtemp(prefix="loket-postgres-15-"))
    port, data, secret = _free_port(), folder / "data", secrets.token_hex(16)
    (folder / "password").write_text(secret)
    reachable.hand_over(folder)
    try:
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile={folder / 'password'}")  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
        _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        admin = f"postgresql://postgres:{secret}@127.0.0.1:{port}/postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            role = sql.SQL("CREATE ROLE loket LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD {}")
            connection.execute(role.format(sql.Literal(secret)))
            for name in ("loket", "loket_keys"):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER loket").format(sql.Identifier(name)))
        ours = f"postgresql://loket:{secret}@127.0.0.1:{port}"
        yield {"LOKET_DATABASE_URL": f"{ours}/loket", "LOKET_KEYS_URL": f"{ours}/loket_keys"}
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object, check: bool = True) -> None:
    subprocess.run(
        [str(part) for part in command], check=check, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL, start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C"}, **reachable.run_as(),  # type: ignore[call-overload]
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

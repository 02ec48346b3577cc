"""The whole of Loket as people meet it: its own two databases, a web server, a worker, an open county."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from loket.config import demo

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 120
# For what comes a moment later; busy machines take their time, and nothing is slower for it when all is well.
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class House:
    """`site` is where it answers, without a slash at the end."""

    site: str
    backstage: "subprocess.Popen[str]"

    def act(
        self, reference: str, action: str, *, officer: str = "amina.wekesa@example.org", **how: object
    ) -> None:
        """An officer acts on a case, and the minute for undoing is over."""
        self._order({"do": "act", "reference": reference, "action": action, "officer": officer, **how})

    def arrive(self, reference: str, *, officer: str) -> None:
        """What the case is about lies at its counter, and the minute for taking that back is over."""
        self._order({"do": "arrive", "reference": reference, "officer": officer})

    def _order(self, order: Mapping[str, object]) -> None:
        assert self.backstage.stdin
        self.backstage.stdin.write(json.dumps(order) + "\n")
        self.backstage.stdin.flush()
        assert _word(self.backstage) == "done"


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """`folder` keeps files and what the processes say. Everything is gone at the end."""
    name = f"stories_{secrets.token_hex(4)}"
    addresses = {"LOKET_DATABASE_URL": name, "LOKET_KEYS_URL": f"{name}_keys"}
    main = os.environ["LOKET_DATABASE_URL"]
    for database in addresses.values():
        _statement(main, "CREATE DATABASE {}", database)
    port = _free_port()
    environment = {
        **os.environ,
        **{variable: _beside(main, database) for variable, database in addresses.items()},
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "loket.config.settings",
        "LOKET_SECRET_KEY": secrets.token_urlsafe(48),
        "LOKET_PUBLIC_ADDRESS": f"http://127.0.0.1:{port}",
        "LOKET_DATA": str(folder),
        "LOKET_DEMO": "1",
        "LOKET_LOG_LEVEL": "WARNING",
    }
    running: list[subprocess.Popen[str]] = []
    try:
        backstage = _start(
            [sys.executable, "-m", "tests.journeys.backstage"], environment, folder, running, talks=True
        )
        assert _word(backstage) == "open"
        _start(demo.web_command("127.0.0.1", port, 1), environment, folder, running)
        _start([sys.executable, "-m", "loket.config.command", "worker"], environment, folder, running)
        _wait_until_ready(port, folder)
        yield House(f"http://127.0.0.1:{port}", backstage)
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            _end(process)
        for database in addresses.values():
            _statement(main, "DROP DATABASE {} WITH (FORCE)", database)


def _start(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    running: "list[subprocess.Popen[str]]",
    *,
    talks: bool = False,
) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE if talks else None
    with (folder / "said.log").open("a") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe or log, stderr=log
        )
    running.append(process)
    return process


def _end(process: "subprocess.Popen[str]") -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()


def _word(process: "subprocess.Popen[str]") -> object:
    assert process.stdout
    line = process.stdout.readline()
    assert line, "the process backstage ended; the folder of the house has its last words"
    return json.loads(line)


def _wait_until_ready(port: int, folder: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while not demo.answers("127.0.0.1", port):
        assert time.monotonic() < until, (folder / "said.log").read_text()[-2000:]
        time.sleep(0.1)


def _beside(address: str, database: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))


def _statement(address: str, words: str, database: str) -> None:
    with psycopg.connect(_beside(address, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(words).format(sql.Identifier(database)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

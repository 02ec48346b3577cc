"""Two web hosts, a worker host, a primary and its standby: each of them dies while people are sending.

A balancer asks the other host where one doesn't answer; the standby is one that commits wait for, so that the
primary may vanish for ever. What was said to have been sent is there in the end, once, and told once.
"""

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from benchmarks.installation import Database
from benchmarks.relay import Relay
from loket.config import demo, embedded, reachable
from tests.weather.filling import INFORMATION_BASE, WITHOUT_FILE
from tests.weather.load import until
from tests.weather.server import PREPARE, Answer, Browser, free_port, server_environment

pytestmark = pytest.mark.prove
ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 3
PATIENCE = 120.0
_DONE = re.compile(r'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<')
_KEYS = ("LOKET_SECRET_KEY", "LOKET_MASTER_KEY")
Recording = Callable[[str, object], None]


@dataclass(slots=True)
class Host:
    """A machine with one program of Loket's; `port` is 0 where it serves nothing."""

    command: Sequence[str]
    environment: Mapping[str, str]
    said: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.said.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        if self.port:
            try:
                until(lambda: demo.answers("127.0.0.1", self.port), PATIENCE)
            except AssertionError as problem:
                raise AssertionError(self.said.read_text()[-2000:]) from problem

    def keep(self) -> None:
        """What a manager of services does: a program that ended is started again."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def die(self) -> None:
        """All of it at once, as when the power goes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Balanced(Browser):
    """Somebody behind a balancer: a host that doesn't answer, or says that it rests, is passed over."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__(ports[0])
        self._ports = ports
        self.asked_again = 0

    def send(
        self, method: str, path: str, body: object = None,
        headers: Mapping[str, str] | None = None, timeout: float = 30,
    ) -> Answer:  # fmt: skip
        end = time.monotonic() + PATIENCE
        while True:
            self.port = self._ports[(self._ports.index(self.port) + 1) % len(self._ports)]
            try:
                answer = super().send(method, path, body, headers, min(timeout, 10))
            except (OSError, HTTPException):
                answer = None
            if answer is not None and answer.status not in {502, 503}:
                return answer
            assert time.monotonic() < end, "no host came back"
            self.asked_again += 1
            time.sleep(0.1)


@dataclass(slots=True)
class People:
    """They send one application after the other, whatever happens; `sent` is what they were told."""

    ports: Sequence[int]
    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asked_again: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            browser = Balanced(self.ports)
            try:
                self.sent.append(_sent(browser))
            except AssertionError as problem:
                self.failed.append(str(problem)[:500])
            self.asked_again += browser.asked_again

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.run) for _ in range(PEOPLE)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def send_more(self, count: int) -> None:
        """Waits until that many more were sent: life goes on."""
        wanted = len(self.sent) + count
        until(lambda: len(self.sent) >= wanted, PATIENCE)


def test_what_may_die_dies_and_nothing_is_lost(tmp_path: Path, record_property: Recording) -> None:
    primary, standby = Database(tmp_path / "primary"), Database(tmp_path / "standby")
    primary.start()
    assert primary.cluster
    wires = Relay(primary.cluster.port), Relay(primary.cluster.port)
    hosts: list[Host] = []
    try:
        environment = server_environment(
            primary.cluster, *wires, tmp_path / "shared", {name: secrets.token_hex(32) for name in _KEYS}
        )
        subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True, cwd=ROOT)
        _follow(primary, standby)
        said = tmp_path / "said"
        for port in (free_port(), free_port()):
            hosts.append(Host(demo.web_command("127.0.0.1", port, 1), environment, said, port))
        hosts += [Host(_WORKER, environment, said) for _ in range(2)]
        *web, worker, other_worker = hosts
        for host in (*web, worker):
            host.start()
        people = People([host.port for host in web])
        with people.going_on():
            people.send_more(4)
            web[0].die()
            people.send_more(4)
            web[0].start()
            worker.die()
            other_worker.start()
            people.send_more(4)
            begun = time.monotonic()
            primary.kill()
            _promote(standby, wires)
            people.send_more(1)
            away = time.monotonic() - begun
            people.send_more(4)
        assert people.failed == []
        assert people.asked_again > 0, "nothing that died was missed"
        # The dead worker's job is taken up again once it has been silent for long enough.
        try:
            until(lambda: other_worker.keep() or not _jobs(standby), 2 * PATIENCE)
        except AssertionError as problem:
            raise AssertionError((_jobs(standby), said.read_text()[-3000:])) from problem
        assert _lost(standby, people.sent) == set()
        assert _lost(standby, [*people.sent, "0000-0000"]) == {"0000-0000"}
        _nothing_twice(standby, len(people.sent))
        checked = [sys.executable, "-m", "loket.config.command", "audit", "verify"]
        subprocess.run(checked, env=environment, cwd=ROOT, check=True)
    finally:
        for host in hosts:
            host.die()
        for wire in wires:
            wire.cut()
        for database in (primary, standby):
            database.remove()
    record_property("applications sent", len(people.sent))
    record_property("asked again at the other host", people.asked_again)
    record_property("seconds from the primary's end to the next application sent", round(away, 1))


_WORKER = [sys.executable, "-m", "loket.config.command", "worker"]


def _sent(browser: Browser) -> str:
    check = browser.fill_in(INFORMATION_BASE, WITHOUT_FILE)
    assert check.endswith("/check/"), check
    browser.get(check)
    browser.post(check)
    done = browser.get(f"{INFORMATION_BASE}done/")
    reference = _DONE.search(done.text)
    assert reference, (done.status, done.text[:300])
    return reference[1]


def _follow(primary: Database, standby: Database) -> None:
    """A copy of the primary that follows it from here on, and that its commits wait for."""
    assert primary.cluster
    folder = standby._folder
    place = reachable.place_for(folder)
    for name in ("password", "superuser"):
        (place / name).write_text((primary.cluster.folder / name).read_text())
    reachable.hand_over(place)
    password = quote((primary.cluster.folder / "superuser").read_text().strip())
    source = f"postgresql://postgres:{password}@127.0.0.1:{primary.cluster.port}/?application_name=standby"
    embedded._run(
        [
            *(embedded._tool("pg_basebackup"), "-D", str(place / "data"), "-R", "-X", "stream", "-c", "fast"),
            *("-d", source),
        ]
    )
    standby.cluster = embedded.start(folder)
    with primary.as_superuser() as connection:
        until(lambda: bool(connection.execute("SELECT 1 FROM pg_stat_replication").fetchall()), PATIENCE)
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        connection.execute("SELECT pg_reload_conf()")


def _promote(standby: Database, wires: Sequence[Relay]) -> None:
    """What an operator, or a manager of clusters, does once the primary is gone."""
    with standby.as_superuser() as connection:
        assert connection.execute("SELECT pg_promote()").fetchone() == (True,)
    assert standby.cluster
    for wire in wires:
        wire.cut()
        wire.target = standby.cluster.port
        wire.mend()


def _column(database: Database, statement: str) -> list[object]:
    with psycopg.connect(database.url()) as connection:
        return [row[0] for row in connection.execute(statement)]  # type: ignore[arg-type]


def _jobs(database: Database) -> list[object]:
    """What is due and not done."""
    return _column(
        database,
        "SELECT task_name || ' ' || status || ' ' || attempts FROM procrastinate_jobs"
        " WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now())",
    )


def _lost(database: Database, sent: Sequence[str]) -> set[str]:
    return set(sent) - set(map(str, _column(database, "SELECT reference FROM casework_case")))


def _nothing_twice(database: Database, sent: int) -> None:
    """Pressing again made no second case; whoever was cut off at the very end may have sent one unseen."""
    (cases,) = _column(database, "SELECT count(*) FROM casework_case")
    assert sent <= int(str(cases)) <= sent + PEOPLE
    (told,) = _column(database, "SELECT count(*) FROM notifications_message")
    assert told == cases
    unmade = _column(database, "SELECT count(*) FROM casework_casepaper WHERE made_at IS NULL")
    assert unmade == [0]

"""Loket as it runs in earnest: granian on loopback, its own PostgreSQL, and the open county."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks.relay import Relay
from loket.config import demo, embedded
from loket.config.embedded import Cluster

_ROOT = Path(__file__).resolve().parents[2]
PREPARE = """
from loket.config.command import start_django
start_django()
from loket.config.commands.tables import bring_up_to_date
from loket.config.sample.place import open_place
from loket.kernel import clock
bring_up_to_date()
open_place(clock.now())
"""


@dataclass(slots=True)
class Loket:
    """A running server. `main` and `keys` are the wires to its two databases."""

    folder: Path
    cluster: Cluster
    main: Relay
    keys: Relay
    port: int
    process: subprocess.Popen[bytes]
    secrets: Mapping[str, str]

    def stop_database(self) -> None:
        embedded.stop(self.folder)

    def start_database(self) -> None:
        self.cluster = embedded.start(self.folder, durable=False)
        for relay in (self.main, self.keys):
            relay.target = self.cluster.port

    def workers(self) -> list[int]:
        """The processes that answer."""
        kept = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                parent = re.search(r"PPid:\s+(\d+)", status.read_text())
            except OSError:
                continue
            if (
                parent
                and int(parent[1]) == self.process.pid
                and "resource_tracker" not in _command(status.parent)
            ):
                kept.append(int(status.parent.name))
        return kept

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    text: str
    seconds: float


class Browser:
    """Keeps cookies, sends forms with their token, follows nothing by itself."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._token = ""

    def get(self, path: str, timeout: float = 30) -> Answer:
        return self.send("GET", path, timeout=timeout)

    def post(self, path: str, fields: Mapping[str, object] | None = None, timeout: float = 30) -> Answer:
        form = {"csrfmiddlewaretoken": self._token, **(fields or {})}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(form, doseq=True).encode(), kind, timeout)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Answer:
        """`body` may be an iterator of bytes, with its length among the headers."""
        connection, begun = HTTPConnection("127.0.0.1", self.port, timeout=timeout), time.monotonic()
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with closing(connection):
            connection.request(method, path, body, {"Cookie": kept, **(headers or {})})  # type: ignore[arg-type]
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        for header in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        self._token = found[1] if found else self._token
        return Answer(response.status, response.headers, text, time.monotonic() - begun)

    @property
    def token(self) -> str:
        return self._token

    def fill_in(self, base: str, fields: Mapping[str, Mapping[str, object]]) -> str:
        """Answers page after page, as they are asked; the address where that ends."""
        path = base
        for _ in range(40):
            answer = self.get(path)
            if answer.status in {301, 302}:
                path = urlsplit(answer.headers["Location"]).path
                continue
            page = path.rstrip("/").rpartition("/")[2]
            if page not in fields:
                return path
            answer = self.post(path, fields[page])
            assert answer.status == 302, (path, answer.status, answer.text[:2000])
            path = urlsplit(answer.headers["Location"]).path
        raise AssertionError(f"no end to {base}")


@dataclass(slots=True)
class Databases:
    """A cluster of its own with both databases, empty; `main` and `keys` are the wires to them."""

    folder: Path
    cluster: Cluster
    main: Relay
    keys: Relay
    secrets: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.cluster.url("loket")


@contextmanager
def databases() -> Iterator[Databases]:
    """Everything new, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="loket-tests-"))
    (folder / "owner").write_text(str(os.getpid()))
    cluster = embedded.start(folder, durable=False)
    main, keys = Relay(cluster.port), Relay(cluster.port)
    try:
        for name in ("loket", "loket_keys"):
            embedded.make_database(cluster, name)
        made = {"LOKET_SECRET_KEY": secrets.token_urlsafe(48), "LOKET_MASTER_KEY": secrets.token_hex(32)}
        yield Databases(folder, cluster, main, keys, made)
    finally:
        main.cut()
        keys.cut()
        embedded.remove(folder)


@contextmanager
def running(workers: int = 2) -> Iterator[Loket]:
    """A server with everything new, gone afterwards."""
    with databases() as found:
        folder = found.folder
        environment = server_environment(found.cluster, found.main, found.keys, folder, found.secrets)
        subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True, cwd=_ROOT)
        port = free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                demo.web_command("127.0.0.1", port, workers),
                env=environment, cwd=_ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            end = time.monotonic() + 120
            while not demo.answers("127.0.0.1", port):
                assert time.monotonic() < end, (folder / "log").read_text()
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
            yield Loket(folder, found.cluster, found.main, found.keys, port, process, found.secrets)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def server_environment(
    cluster: Cluster, main: Relay, keys: Relay, folder: Path, made: Mapping[str, str]
) -> dict[str, str]:
    """What a server of that folder is started with; `made` are its secrets."""

    def through(relay: Relay, name: str) -> str:
        return cluster.url(name).replace(f":{cluster.port}/", f":{relay.port}/")

    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOKET_", "PYTEST", "COV"))
    }
    return {
        **ours,
        "PYTHONPATH": str(_ROOT / "src"),
        "LOKET_DATABASE_URL": through(main, "loket"),
        "LOKET_KEYS_URL": through(keys, "loket_keys"),
        **made,
        "LOKET_SECURE_COOKIES": "0",
        "LOKET_DATA": str(folder / "var"),
        "LOKET_HOSTS": "127.0.0.1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""

"""`loket demo`: everything on one machine, from nothing, in one command."""

import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from loket.config import embedded
from loket.config.supervisor import Child, Supervisor

_READY_SECONDS = 60
# No such bank: whoever chooses a transfer must be told where to.
_BANK_ACCOUNT = "Bank of Tumaini, 000 000 0001"
_DATABASES = {"LOKET_DATABASE_URL": "loket", "LOKET_KEYS_URL": "loket_keys"}


class DemoProblem(Exception):
    """The demo can't start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo keeps its things: `folder` is var/ unless told otherwise."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "postgres"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets.env"

    def environment(self, cluster: embedded.Cluster) -> dict[str, str]:
        """The `LOKET_*` of this demo."""
        addresses = {variable: cluster.url(name) for variable, name in _DATABASES.items()}
        return {
            **addresses,
            **self.kept_secrets(),
            "LOKET_DEMO": "1",
            "LOKET_PLACE_NAME": os.environ.get("LOKET_PLACE_NAME") or json.dumps(sample_place()),
            "LOKET_BANK_ACCOUNT": os.environ.get("LOKET_BANK_ACCOUNT") or _BANK_ACCOUNT,
            "LOKET_DATA": str(self.folder),
            # People read this terminal; every finished job would be a line.
            "LOKET_LOG_LEVEL": os.environ.get("LOKET_LOG_LEVEL", "WARNING"),
        }

    def kept_secrets(self) -> dict[str, str]:
        """Made once and kept, for what they sealed opens with no others. Readable by the owner only."""
        if not self.secrets.exists():
            made = {"LOKET_SECRET_KEY": secrets.token_urlsafe(48), "LOKET_MASTER_KEY": secrets.token_hex(32)}
            half = self.secrets.with_suffix(".half")
            half.unlink(missing_ok=True)
            with open(half, "x", opener=_private, encoding="ascii") as file:
                file.writelines(f"{name}={value}\n" for name, value in made.items())
                file.flush()
                os.fsync(file.fileno())
            half.rename(self.secrets)
        lines = self.secrets.read_text(encoding="ascii").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


def sample_place() -> dict[str, str]:
    """The county's name by language; read without Django, which asks for it when it starts."""
    described = YAML(typ="safe").load(Path(__file__).parent / "sample" / "place.yaml")
    return {str(language): str(name) for language, name in described["place"]["names"].items()}


def environment_of_running(folder: Path) -> Mapping[str, str]:
    """The `LOKET_*` of the demo that runs on `folder`. Raises DemoProblem where none does."""
    place = Place(folder)
    cluster = embedded.running(place.database) if place.secrets.exists() else None
    if cluster is None:
        raise DemoProblem(f"No demo runs on {folder}. Start it with: make demo")
    return place.environment(cluster)


def run(
    folder: Path, host: str, port: int, *, prepare: Callable[[], list[str]], say: Callable[[str], None]
) -> int:
    """Runs the demo until it is told to stop; the exit code.

    `prepare` is called with the environment set, makes the tables and the sample, and gives lines to show
    (the sign-ins). Raises DemoProblem and EmbeddedDatabaseError.
    """
    # A stop that comes while the database is being made must still stop the database.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder.mkdir(parents=True, exist_ok=True)
    place = Place(folder)
    with _only_one(place):
        _end_orphans(folder)
        _check_port(host, port)
        try:
            cluster = embedded.start(place.database)
            if cluster.folder != place.database:
                say(
                    f"The account that runs PostgreSQL can't enter {folder}; "
                    f"its files are in {cluster.folder}."
                )
            for name in _DATABASES.values():
                embedded.make_database(cluster, name)
            os.environ.update(place.environment(cluster))
            # The links in messages lead here.
            os.environ.setdefault("LOKET_PUBLIC_ADDRESS", address(host, port).rstrip("/"))
            lines = prepare()
            return _serve(host, port, lines, say)
        finally:
            embedded.stop(place.database)


def _serve(host: str, port: int, lines: list[str], say: Callable[[str], None]) -> int:
    supervisor = Supervisor(children(host, port), os.environ, say)
    supervisor.start()
    try:
        if not supervisor.wait_until(lambda: answers(host, port), _READY_SECONDS):
            if supervisor.stopping:
                return 0
            raise DemoProblem("Loket did not become ready; its last words are above.")
        say("")
        say(f"Loket is ready at {address(host, port)}")
        for line in lines:
            say(line)
        say("Ctrl-C stops it.")
        supervisor.run()
    finally:
        supervisor.stop()
    say("Stopped.")
    return 0


def children(host: str, port: int, workers: int = 2) -> list[Child]:
    return [
        Child("web server", web_command(host, port, workers)),
        Child("worker", [sys.executable, "-m", "loket.config.command", "worker"]),
    ]


def web_command(host: str, port: int, workers: int, drain: float = 0) -> list[str]:
    """Measured best: as many workers as processors."""
    return [
        *(sys.executable, "-m", "loket.config.server", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--drain", str(drain)),
    ]


def address(host: str, port: int) -> str:
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host  # noqa: S104 - compared only
    return f"http://{shown}:{port}/"


def answers(host: str, port: int) -> bool:
    """Whether Loket answers there; a redirect or a refusal is an answer, a fault is not."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    shown = f"[{reachable}]" if ":" in reachable else reachable
    try:
        with urllib.request.urlopen(f"http://{shown}:{port}/live", timeout=5) as response:
            return int(response.status) < 500
    except urllib.error.HTTPError as problem:
        return problem.code < 500
    except OSError:
        return False


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise DemoProblem(
                f"{host}:{port} can't be used ({problem.strerror}). "
                f"Choose another port: make demo PORT={port + 1}"
            ) from problem


@contextmanager
def _only_one(place: Place) -> Iterator[None]:
    with (place.folder / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoProblem(f"A demo already runs on {place.folder}; stop that one first.") from None
        yield


def _end_orphans(folder: Path) -> None:
    """Ends servers of a demo on this folder whose supervisor was killed; the lock says none runs now."""
    marks = {f"LOKET_DATA={folder}".encode(), b"LOKET_DEMO=1"}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            ours = {b"loket.config.server", b"loket.config.command"} & set(words) and int(
                process.name
            ) != os.getpid()
            if ours and marks <= set((process / "environ").read_bytes().split(b"\0")):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:  # gone meanwhile, or another account's
            continue


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
